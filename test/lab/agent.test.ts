import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { AgentStatus } from "../../src/model/agent-status.ts"
import type { DesiredServer, DirectorState } from "../../src/model/desired.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { projectRoot } from "./lib/project.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"
const anchor = "169.254.255.51"
const web = `tcp ${vip}:80`
const rs1Line = `-a -t ${vip}:80 -r 10.77.0.21:80 -g -w 1`
const rs2Line = `-a -t ${vip}:80 -r 10.77.0.22:80 -g -w 1`
const both = [`-A -t ${vip}:80 -s rr`, rs1Line, rs2Line]

function real(n: 1 | 2, more: Partial<DesiredServer> = {}): DesiredServer {
  return {
    host: `rs${n}`,
    address: `10.77.0.2${n}`,
    port: 80,
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    forwarding: "dr",
    ...more,
  }
}

function desired(
  source: string,
  priority: number,
  servers: readonly DesiredServer[],
): DirectorState {
  return {
    format: 1,
    services: [
      {
        name: "web",
        cluster: "demo",
        key: { kind: "address", protocol: "tcp", address: vip, port: 80 },
        scheduler: "rr",
        flags: [],
        onePacket: false,
        check: {
          type: "http",
          path: "/healthz",
          status: [200],
          intervalMs: 1000,
          // A loaded machine shall not take a real server out.
          timeoutMs: 2500,
          retries: 2,
          delayBeforeRetryMs: 500,
          rise: 1,
          via: "vip",
        },
        quorum: { up: 1, hysteresis: 0 },
        inhibitOnFailure: false,
        // Long enough to be looked at by commands that take seconds on a loaded machine.
        drainTimeoutMs: 15_000,
        servers,
      },
    ],
    vrrp: [
      {
        cluster: "demo",
        instance: "demo",
        interface: "eth0",
        virtualRouterId: 51,
        priority,
        advertIntervalMs: 1000,
        preempt: false,
        anchor,
        vips: [vip],
        source,
        unicastPeers: [],
        directors: ["lb1", "lb2"],
        garpRefreshMs: 1000,
        lowestPeerPriority: priority === 150 ? 100 : 150,
      },
    ],
    connectionSync: [{ instance: "demo", interface: "eth0", id: 51 }],
  }
}

const keepalived = (priority: number) => `global_defs {
  vrrp_version 3
  reload_check_config
}
track_file demo {
  file /var/lib/lbctl/agent/vrrp/demo
  weight 1
}
vrrp_instance demo {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  nopreempt
  garp_master_refresh 1
  track_file {
    demo
  }
  virtual_ipaddress {
    ${anchor}/32 dev eth0 scope link
  }
  virtual_ipaddress_excluded {
    ${vip}/32 dev eth0
  }
}
`

const agent = "/opt/lbctl/agent/lbagent"
/** Above a client's first repetition of a packet (1 s, RFC 6298 section 2) and a loaded machine's stalls, milliseconds. */
const patience = 3000

describe.skipIf(skipWithoutLab())("the agent on two directors", () => {
  let lab: Lab
  let lb1: LabNode
  let lb2: LabNode
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "agent-lab-"))
    const build = join(projectRoot(), "scripts", "build-agent.mjs")
    execFileSync(process.execPath, [build, "--directory", `${folder}/agent`])
    lab = await Lab.up()
    lb1 = lab.node("lb1")
    lb2 = lab.node("lb2")
    await Promise.all([
      realServer("rs1"),
      realServer("rs2"),
      director(lb1, 150),
      director(lb2, 100),
    ])
    await lb1.must("systemctl start keepalived")
    await state(lb1, "MASTER")
    await lb2.must("systemctl start keepalived")
    await state(lb2, "BACKUP")
  })

  afterAll(async () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    await lab?.down()
  })

  async function realServer(name: string): Promise<void> {
    await lab.node(name).must(
      `sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
ip address add ${vip}/32 dev lo`,
    )
    await lab.serveHttp(name, { port: 80 })
  }

  async function director(node: LabNode, priority: number): Promise<void> {
    const files = execFileSync("tar", ["-C", folder, "-cf", "-", "agent"], { maxBuffer: 1e8 })
    await node.must("mkdir -p /opt/lbctl/runtime/current && tar -C /opt/lbctl -xf -", {
      input: files,
    })
    const runtime = "/opt/lbctl/runtime/current/node"
    await node.must(`cat > ${runtime} && chmod 755 ${runtime}`, {
      input: readFileSync(process.execPath),
    })
    const template = join(projectRoot(), "templates/director/lbagent.service.hbs")
    const unit = readFileSync(template, "utf8").replaceAll("{{agent.path}}", "/opt/lbctl/agent")
    await put(node, "/etc/systemd/system/lbagent.service", unit)
    await put(node, "/etc/keepalived/keepalived.conf", keepalived(priority))
    await define(node, [real(1), real(2)])
    await node.must(
      `modprobe ip_vs
sysctl -qw net.ipv4.vs.expire_nodest_conn=1 net.ipv4.vs.expire_quiescent_template=1
sysctl -qw net.ipv4.conf.eth0.accept_local=1 net.ipv4.conf.eth0.rp_filter=2
systemctl daemon-reload
systemctl start lbagent
${agent} wait 20`,
      { timeout: 60_000 },
    )
  }

  const put = (node: LabNode, path: string, text: string) =>
    node.must(`mkdir -p $(dirname ${path}) && cat > ${path}`, { input: text })

  const define = (node: LabNode, servers: readonly DesiredServer[]) =>
    put(
      node,
      "/etc/lbctl/agent.json",
      JSON.stringify(desired(node.address, node === lb1 ? 150 : 100, servers)),
    )

  async function rules(node: LabNode): Promise<readonly string[]> {
    const lines = (await node.must("ipvsadm -Sn")).trim().split("\n")
    return lines.filter((line) => !line.includes("-f ")).sort()
  }

  const status = async (node: LabNode) =>
    JSON.parse(await node.must(`${agent} observe`)) as AgentStatus

  const holds = (node: LabNode, wanted: readonly string[], timeout = 30_000) =>
    until(`${node.name} holds ${wanted.join("; ")}`, { timeout }, async () => {
      return JSON.stringify(await rules(node)) === JSON.stringify(wanted)
    })

  const state = (node: LabNode, wanted: string) =>
    until(`${node.name} is ${wanted}`, { timeout: 20_000 }, async () => {
      return (await status(node)).vrrp[0]?.state === wanted
    })

  const pids = async (node: LabNode) =>
    (await node.must("systemctl show -P MainPID lbagent; pgrep -f 'lbagent.cjs (engine|health)'"))
      .trim()
      .split("\n")

  it("fills both directors' kernels with the definition", async () => {
    expect(await rules(lb1)).toEqual(both)
    expect(await rules(lb2)).toEqual(both)
  })

  it("sees real servers through the VIP as the master and as the backup", async () => {
    for (const node of [lb1, lb2])
      expect((await status(node)).health.map(({ state: now, message }) => [now, message])).toEqual([
        ["up", "HTTP 200"],
        ["up", "HTTP 200"],
      ])
  })

  it("is ready at a start from nothing only once it knows its real servers: keepalived waits for that", async () => {
    const health = "/var/lib/lbctl/agent/health.json"
    const cold = `systemctl stop lbagent && rm -f ${health} && ipvsadm -C && systemctl start lbagent`
    const seen = JSON.parse(await lb2.must(`${cold} && ${agent} observe`)) as AgentStatus
    expect(seen.health.map(({ state: now }) => now)).toEqual(["up", "up"])
    expect(await rules(lb2)).toEqual(both)
  })

  it("knows after a restart what it knew before", async () => {
    await lab.breakHttp("rs2", 80, "sick")
    await holds(lb2, both.slice(0, 2))
    const [, before] = (await status(lb2)).health
    await until("that is on disk", { timeout: 10_000 }, async () => {
      const kept = await lb2.must("cat /var/lib/lbctl/agent/health.json")
      return kept.includes("HTTP 500") && kept.includes('"down"')
    })
    await lb2.must("systemctl restart lbagent")
    const [, after] = (await status(lb2)).health
    expect(after).toMatchObject({ state: "down", since: before?.since })
    await lab.healHttp("rs2", 80)
    await holds(lb1, both)
    await holds(lb2, both)
  })

  it("runs the synchronisation daemon of its role", async () => {
    expect(await lb1.must("ipvsadm -L --daemon")).toMatch(/master sync daemon/)
    expect(await lb2.must("ipvsadm -L --daemon")).toMatch(/backup sync daemon/)
  })

  it("takes a sick real server out and puts it back", async () => {
    await lab.breakHttp("rs2", 80, "sick")
    await holds(lb1, both.slice(0, 2))
    expect((await status(lb1)).health[1]).toMatchObject({
      state: "down",
      message: "HTTP 500, wanted 200",
    })
    await lab.healHttp("rs2", 80)
    await holds(lb1, both)
  })

  it("sees a VIP that is missing on a real server's loopback", async () => {
    await lab.node("rs2").must(`ip address flush dev lo to ${vip}`)
    await holds(lb1, both.slice(0, 2))
    await holds(lb2, both.slice(0, 2))
    await lab.node("rs2").must(`ip address replace ${vip}/32 dev lo`)
    await holds(lb1, both)
    await holds(lb2, both)
  })

  /** Waits until the daemon is whole, with none of these processes left. */
  const whole = (node: LabNode, without: readonly string[], timeout = 30_000) =>
    until(`${node.name} runs the agent anew`, { timeout, interval: 300 }, async () => {
      const now = await pids(node).catch((): string[] => [])
      return (
        now.length === 3 &&
        !now.some((pid) => without.includes(pid)) &&
        (await status(node)).running
      )
    })

  /** Requests and kept connections through the VIP for as long as `work` takes: none may be lost, and lb2 stays backup. */
  async function unharmed(work: () => Promise<void>): Promise<void> {
    const held = await lab.held({ address: vip, port: 80, connections: 6, timeout: 10_000 })
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 100, timeout: patience })
    try {
      await work()
    } finally {
      await Promise.all([traffic.stop(), held.stop()])
    }
    const { failed, errors, gaps } = await traffic.done
    expect({ failed, errors, gaps }).toEqual({ failed: 0, errors: {}, gaps: [] })
    expect((await held.done).deaths).toEqual([])
    expect(await rules(lb1)).toEqual(both)
    expect(await lb1.must("ip -o address show dev eth0")).toContain(`${vip}/32`)
    expect(await lb2.must("ip -o address show dev eth0")).not.toContain(`${vip}/32`)
  }

  it("is killed, in each part and whole, without one lost request", async () => {
    await whole(lb1, [])
    await unharmed(async () => {
      const [main = "", ...children] = await pids(lb1)
      for (const pid of [...children, main]) {
        await lb1.must(`kill -9 ${pid}`)
        await whole(lb1, [pid])
      }
      const all = await pids(lb1)
      await lb1.must(`kill -9 ${all.join(" ")}`)
      await whole(lb1, all)
      await lb1.must(`${agent} wait 20`, { timeout: 60_000 })
    })
  })

  it("hangs, in each part, and is started anew by who watches it, without one lost request", async () => {
    await whole(lb1, [])
    const [since = ""] = (await lb1.must("date +%s")).split("\n")
    await unharmed(async () => {
      const [main = "", ...children] = await pids(lb1)
      await lb1.must(`kill -STOP ${children.join(" ")}`)
      await whole(lb1, children, 60_000)
      // The watchdog itself is watched by systemd (WatchdogSec).
      const [, ...now] = await pids(lb1)
      await lb1.must(`kill -STOP ${main}`)
      await whole(lb1, [main, ...now], 90_000)
      await lb1.must(`${agent} wait 20`, { timeout: 60_000 })
    })
    const journal = await lb1.must(`journalctl -o cat --since @${since} -u lbagent`)
    expect(journal).toMatch(/engine hangs: no answer/)
    expect(journal).toMatch(/health hangs: no answer/)
    expect(journal).toMatch(/Watchdog timeout/)
  })

  it("isolates a service that cannot be read, and one the kernel refuses, with a warning each", async () => {
    const state = desired(lb1.address, 150, [real(1), real(2)])
    const [first] = state.services
    const at = (port: number, more: object) => ({
      ...first,
      key: { kind: "address", protocol: "tcp", address: vip, port },
      ...more,
    })
    // The kernel has no module for it, as on a director whose kernel was built without.
    const hide = `modprobe -qr ip_vs_fo; mv /lib/modules/$(uname -r)/kernel/net/netfilter/ipvs/ip_vs_fo.ko* /root/ && depmod`
    const unhide = `mv /root/ip_vs_fo.ko* /lib/modules/$(uname -r)/kernel/net/netfilter/ipvs/; depmod`
    const services = [
      at(80, { scheduler: "best" }),
      at(81, { scheduler: "fo" }),
      at(82, { check: undefined }),
    ]
    await lb1.must(hide)
    try {
      await put(lb1, "/etc/lbctl/agent.json", JSON.stringify({ ...state, services }))
      await unharmed(async () => {
        const reload = await lb1.run(`${agent} reload`)
        expect(reload.code).toBe(1)
        expect(reload.stderr).toMatch(/services\[0\]\.scheduler must be one of/)
        expect(reload.stderr).toMatch(
          /tcp 10\.77\.0\.100:81: add service: this kernel has no scheduler fo/,
        )
        const table = await lb1.must("ipvsadm -Sn")
        expect(table).toContain(rs1Line)
        expect(table).toContain(rs1Line.replaceAll(":80", ":82").replace("21:82", "21:80"))
        expect((await status(lb1)).warnings).toMatchObject([
          expect.stringMatching(/^a service is set aside: services\[0\]/),
          expect.stringMatching(/^tcp 10\.77\.0\.100:81: /),
        ])
        await define(lb1, [real(1), real(2)])
        await lb1.must(`${agent} reload`)
        await holds(lb1, both)
      })
    } finally {
      await lb1.must(unhide)
      await define(lb1, [real(1), real(2)])
      await lb1.must(`${agent} reload`)
    }
  })

  it("drains a real server that keeps its connections, and lets it serve again", async () => {
    const held = await lab.held({ address: vip, port: 80, connections: 6 })
    for (const node of [lb1, lb2]) await node.must(`${agent} drain rs2 --by test --reason disk`)
    await holds(lb1, [...both.slice(0, 2), rs2Line.replace("-w 1", "-w 0")])
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 50, duration: 2000 })
    const { failed, servers } = await traffic.done
    expect({ failed, servers: Object.keys(servers) }).toEqual({ failed: 0, servers: ["rs1"] })
    await lb1.must("systemctl restart lbagent")
    expect((await status(lb1)).overrides).toMatchObject([
      { host: "rs2", by: "test", reason: "disk" },
    ])
    for (const node of [lb1, lb2]) await node.must(`${agent} resume rs2 --by test`)
    await holds(lb1, both)
    expect(await held.stop()).toMatchObject({ connections: 6, died: 0 })
  })

  it("adds, weighs and removes real servers under load without one failure", async () => {
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 200 })
    for (const servers of [
      [real(1), real(2, { weight: 5 })],
      [real(2)],
      [real(1)],
      [real(1), real(2)],
    ])
      for (const node of [lb2, lb1]) {
        await define(node, servers)
        await node.must(`${agent} reload && ${agent} wait 10`)
      }
    expect(await traffic.stop()).toMatchObject({ failed: 0, gaps: [] })
    await holds(lb1, both)
  })

  it("lets a server that left finish its connections, but no longer than the drain timeout", async () => {
    const held = await lab.held({ address: vip, port: 80, connections: 4 })
    const { counters } = await status(lb1)
    const there = counters.find(({ server }) => server === "10.77.0.22:80")?.active
    expect(there).toBeGreaterThan(0)
    await define(lb1, [real(1)])
    await lb1.must(`${agent} reload`)
    expect(await rules(lb1)).toEqual([...both.slice(0, 2), rs2Line.replace("-w 1", "-w 0")])
    expect((await status(lb1)).draining).toMatchObject([{ service: web, server: "10.77.0.22:80" }])
    expect((await lb1.run(`${agent} drained --timeout 1 '${web}' 10.77.0.22:80`)).code).toBe(1)
    await lb1.must(`${agent} drained --timeout 40 '${web}' 10.77.0.22:80`)
    expect(await rules(lb1)).toEqual(both.slice(0, 2))
    await lb1.must("sleep 2")
    const { died } = await held.stop()
    expect(died).toBe(there)
    await define(lb1, [real(1), real(2)])
    await lb1.must(`${agent} reload`)
    await holds(lb1, both)
  })

  it("leaves a hand's change in the kernel to be seen, until the next reload", async () => {
    await lb1.must(
      `ipvsadm -e -t ${vip}:80 -r 10.77.0.21:80 -g -w 7; ipvsadm -A -t ${vip}:99 -s rr`,
    )
    await lab.breakHttp("rs2", 80, "sick")
    const drifted = [
      `-A -t ${vip}:80 -s rr`,
      `-A -t ${vip}:99 -s rr`,
      rs1Line.replace("-w 1", "-w 7"),
    ]
    await holds(lb1, drifted)
    await lab.healHttp("rs2", 80)
    await holds(lb1, [...drifted, rs2Line])
    await lb1.must(`${agent} reload`)
    expect(await rules(lb1)).toEqual([
      ...both.slice(0, 1),
      `-A -t ${vip}:99 -s rr`,
      ...both.slice(1),
    ])
    await lb1.must(`ipvsadm -D -t ${vip}:99`)
  })

  it("hands the VIPs over and stays behind", async () => {
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 50 })
    await lb1.must(`${agent} failover demo`)
    await state(lb2, "MASTER")
    await until("lb1 is BACKUP", { timeout: 20_000 }, async () => {
      const [vrrp] = (await status(lb1)).vrrp
      return vrrp?.state === "BACKUP" && !vrrp.demoted
    })
    await lb1.must("sleep 5")
    await state(lb2, "MASTER")
    const { gaps } = await traffic.stop()
    expect(Math.max(0, ...gaps.map(({ fromMs, toMs }) => toMs - fromMs))).toBeLessThan(3000)
    expect(await lb2.must("ipvsadm -L --daemon")).toMatch(/master sync daemon/)
    expect((await lb1.run(`${agent} failover demo`)).stderr).toMatch(/is not MASTER here/)
  })

  it("loads a definition while it is stopped, and takes everything out when it leaves", async () => {
    await lb1.must("systemctl stop lbagent")
    expect(await rules(lb1)).toEqual(both)
    expect((await status(lb1)).running).toBe(false)
    await lb1.must(`ipvsadm -A -t ${vip}:99 -s rr; ${agent} release`)
    expect(await lb1.must("ipvsadm -Sn")).toBe(`-A -t ${vip}:99 -s rr\n`)
    expect(await lb1.must("ipvsadm -L --daemon")).toBe("")
    await lb1.must("systemctl start lbagent")
    await lb1.must(`${agent} wait 20`)
    await lb1.must(`${agent} release`)
    expect(await rules(lb1)).toEqual([`-A -t ${vip}:99 -s rr`])
  })
})

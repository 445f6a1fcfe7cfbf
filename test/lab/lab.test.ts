import { spawn, spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { once } from "node:events"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { bridge } from "./lib/network.ts"
import type { LabNode } from "./lib/node.ts"
import { projectRoot } from "./lib/project.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"
const vip6 = "fd77::100"

describe.skipIf(skipWithoutLab())("the lab", () => {
  let lab: Lab
  let lb1: LabNode
  let lb2: LabNode
  let rs1: LabNode
  let rs2: LabNode

  beforeAll(async () => {
    lab = await Lab.up({ ops: true })
    lb1 = lab.node("lb1")
    lb2 = lab.node("lb2")
    rs1 = lab.node("rs1")
    rs2 = lab.node("rs2")
  })

  afterAll(async () => {
    await lab?.down()
    expect(traces(lab.controller.namespace)).toEqual([])
  })

  it("runs every node on a kernel, a systemd and addresses of its own", async () => {
    const boots = await Promise.all(
      lab.nodes.map((node) => node.must("cat /proc/sys/kernel/random/boot_id")),
    )
    expect(new Set(boots).size).toBe(4)
    for (const node of lab.nodes) {
      expect(await node.must("hostname")).toBe(`${node.name}\n`)
      const addresses = await node.must("ip -br address show eth0")
      expect(addresses).toContain(`${node.address}/24`)
      expect(addresses).toContain(`${node.address6}/64`)
      expect(await node.must("systemctl --failed --no-legend")).toBe("")
    }
    expect(await rs1.reaches(rs2.address6)).toBe(true)
  })

  it("hands over a command's input, output and exit code", async () => {
    const outcome = await lb1.run("cat; echo bad >&2; exit 3", { input: "line\n" })
    expect(outcome).toEqual({ code: 3, stdout: "line\n", stderr: "bad\n" })
    await expect(lb1.run("sleep 5", { timeout: 300 })).rejects.toThrow("console of lb1")
  })

  it("has host keys that strict checking accepts for their own node only", async () => {
    const ssh = ["ssh", "-F", lab.ssh.config]
    expect(await lab.controller.must([...ssh, lb1.address, "hostname"])).toBe("lb1\n")
    expect(await lab.controller.must([...ssh, lb1.address6, "hostname"])).toBe("lb1\n")
    const mistaken = [...ssh, "-o", "HostKeyAlias=lb1", rs1.address, "hostname"]
    expect(await lab.controller.exec(mistaken)).toMatchObject({
      code: 255,
      stderr: expect.stringContaining("Host key verification failed") as string,
    })
  })

  it("has a user ops who may sudo", async () => {
    const ssh = ["ssh", "-F", lab.ssh.config, "-l", "ops", "lb1"]
    expect(await lab.controller.must([...ssh, "id -un; sudo -n id -un"])).toBe("ops\nroot\n")
  })

  it("balances by direct server return, IPv4 and IPv6, to a client behind the router", async () => {
    await Promise.all([rs1, rs2].map((node) => lab.serveHttp(node.name, { port: 80 })))
    await Promise.all([rs1, rs2].map(holdVipSilently))
    await balance(lb1, [rs1, rs2])
    const held = await lab.held({ address: vip, port: 80, connections: 6 })
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 200, duration: 3000 })
    const report = await traffic.done
    expect(report).toMatchObject({ failed: 0, errors: {}, gaps: [] })
    expect(report.sent).toBeGreaterThan(550)
    expect(Math.abs((report.servers["rs1"] ?? 0) - (report.servers["rs2"] ?? 0))).toBeLessThan(20)
    expect(await held.stop()).toMatchObject({ died: 0, servers: { rs1: 3, rs2: 3 } })
    const answer = await lab.client.must(["curl", "-sf", "-g", `http://[${vip6}]/`])
    expect(answer).toMatch(/^rs[12] fd78::2\n$/)
  })

  it("shows who answers ARP for the VIP", async () => {
    const capture = await lab.capture("arp")
    await lab.flushNeighbours()
    await lab.controller.must(["curl", "-sf", "-m", "3", `http://${vip}/`])
    await until("an answer", { timeout: 5000 }, () => capture.text().includes(`Reply ${vip}`))
    const lines = await capture.stop()
    const replies = lines.split("\n").filter((line) => line.includes(`Reply ${vip}`))
    expect(replies.every((line) => line.includes(`is-at ${lb1.mac}`))).toBe(true)
  })

  it("has web servers that fall sick, stop and get well on demand", async () => {
    const status = async (): Promise<string> => {
      const curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"]
      return (await lab.client.exec([...curl, `http://${rs2.address}/healthz`])).stdout
    }
    await lab.breakHttp("rs2", 80, "sick")
    expect(await status()).toBe("500")
    await lab.healHttp("rs2", 80)
    await until("rs2 is well", { timeout: 5000 }, async () => (await status()) === "200")
    await lab.breakHttp("rs2", 80, "stopped")
    expect(await status()).toBe("000")
    await lab.healHttp("rs2", 80)
    await until("rs2 is back", { timeout: 5000 }, async () => (await status()) === "200")
  })

  it("loses at a power loss what was not synced, and keeps all else", async () => {
    await rs2.must("echo kept > /root/kept; sync; echo lost > /root/lost")
    const traffic = await lab.traffic({ address: rs2.address, port: 80, rate: 20, timeout: 300 })
    await sleep(500)
    await rs2.powerLoss()
    expect(rs2.running).toBe(false)
    await rs2.boot()
    expect(await rs2.must("cat /root/kept; ls /root")).toBe("kept\nkept\n")
    await until("its web server is back", { timeout: 20_000 }, async () => {
      return (await lab.client.exec(["curl", "-sf", `http://${rs2.address}/`])).code === 0
    })
    await sleep(500)
    const report = await traffic.stop()
    expect(report.failed).toBeGreaterThan(10)
    expect(report.gaps[0]?.lost).toBeGreaterThan(10)
  })

  it("stops a node dead and lets it go on", async () => {
    const uptime = await lb2.must("cat /proc/sys/kernel/random/boot_id")
    lb2.hang()
    expect(await rs1.reaches(lb2.address)).toBe(false)
    expect(lb2.running).toBe(true)
    lb2.thaw()
    await until("lb2 answers", { timeout: 10_000 }, () => rs1.reaches(lb2.address))
    expect(await lb2.must("cat /proc/sys/kernel/random/boot_id")).toBe(uptime)
  })

  it("unplugs a node from the segment and plugs it in again", async () => {
    await lb2.unplug()
    expect(await rs1.reaches(lb2.address)).toBe(false)
    await lb2.plug()
    await until("lb2 answers", { timeout: 10_000 }, () => rs1.reaches(lb2.address))
    expect(await lb2.must("cat /sys/class/net/eth0/carrier")).toBe("1\n")
  })

  it("has a router that keeps its MAC whoever is unplugged", async () => {
    const macs = async () =>
      (await lab.controller.must(["ip", "-br", "link", "show", bridge])).trim()
    const before = await macs()
    for (const node of lab.nodes) {
      await node.unplug()
      expect(await macs()).toBe(before)
      await node.plug()
    }
  })

  it("cuts two nodes off each other and off nobody else", async () => {
    await lab.cut("lb1", "lb2")
    expect(await lb1.reaches(lb2.address)).toBe(false)
    expect(await lb2.reaches(lb1.address6)).toBe(false)
    expect(await lb1.reaches(rs1.address)).toBe(true)
    await lab.heal()
    await until("lb1 reaches lb2", { timeout: 10_000 }, () => lb1.reaches(lb2.address))
  })

  it("cuts a node off the controller while the client still reaches it", async () => {
    await lab.cut("rs1", "controller")
    const fetch = ["curl", "-sf", "-m", "1", "-o", "/dev/null", `http://${rs1.address}/`]
    expect((await lab.controller.exec(fetch)).code).toBe(28)
    expect((await lab.client.exec(fetch)).code).toBe(0)
    await lab.heal()
    expect((await lab.controller.exec(fetch)).code).toBe(0)
  })

  it("delays and loses what a node sends", async () => {
    await rs1.impair({ delay: 60 })
    const ping = await lb1.must(`ping -c 3 -i 0.2 ${rs1.address}`)
    expect(Number(/min\/avg\/max\/mdev = ([\d.]+)\//.exec(ping)?.[1])).toBeGreaterThanOrEqual(60)
    await rs1.impair({ lossPercent: 25 })
    const lossy = await lb1.run(`ping -c 100 -i 0.01 -W 1 ${rs1.address}`)
    const lost = Number(/([\d.]+)% packet loss/.exec(lossy.stdout)?.[1])
    expect(lost).toBeGreaterThan(8)
    expect(lost).toBeLessThan(50)
    await rs1.unimpair()
    expect(await lb1.must(`ping -c 5 -i 0.02 ${rs1.address}`)).toContain(" 0% packet loss")
  })

  it("shuts down in order on request", async () => {
    await lb2.powerOff()
    expect(lb2.running).toBe(false)
    expect(lb2.consoleTail()).toContain("reboot: System halted")
  })

  it("lives beside a second lab, and cleans up after one that was killed", async () => {
    const script = `const { loadLab } = await import(${JSON.stringify(join(projectRoot(), "scripts/lab.mjs"))})
      const { Lab } = await loadLab()
      const lab = await Lab.up({ nodes: ["rs1"] })
      console.log(lab.controller.namespace)`
    const other = spawn(process.execPath, ["--input-type=module", "-e", script])
    other.stderr.pipe(process.stderr)
    const [name] = (await once(other.stdout, "data")) as [Buffer]
    expect(await rs1.must("hostname")).toBe("rs1\n")
    const namespace = name.toString().trim()
    expect(traces(namespace)).not.toEqual([])
    other.kill("SIGKILL")
    await once(other, "close")
    Lab.reap()
    expect(traces(namespace)).toEqual([])
    expect(await rs1.must("hostname")).toBe("rs1\n")
  })

  async function holdVipSilently(node: LabNode): Promise<void> {
    await node.must(`sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
      ip address add ${vip}/32 dev lo
      ip address add ${vip6}/128 dev lo`)
  }

  async function balance(director: LabNode, servers: readonly LabNode[]): Promise<void> {
    const rules = servers.flatMap((server) => [
      `-a -t ${vip}:80 -r ${server.address}:80 -g -w 1`,
      `-a -t [${vip6}]:80 -r [${server.address6}]:80 -g -w 1`,
    ])
    await director.must(
      `ip address add ${vip}/32 dev eth0
      ip address add ${vip6}/128 dev eth0 nodad
      ipvsadm -R`,
      { input: [`-A -t ${vip}:80 -s rr`, `-A -t [${vip6}]:80 -s rr`, ...rules, ""].join("\n") },
    )
  }
})

/** What there is of a lab on this machine: processes, namespaces, mounts and files. */
function traces(namespace: string): string[] {
  const lines = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout.split("\n")
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n")
  const state = `/tmp/${namespace}`
  return [
    ...[...lines, ...mounts].filter((line) => line.includes(namespace)),
    ...readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(state)),
    ...(existsSync(state) ? [state] : []),
  ]
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return ""
  }
}

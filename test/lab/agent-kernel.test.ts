import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { schedulers, serviceName } from "../../src/model/ipvs.ts"
import type { IpvsDestination, IpvsStep, IpvsTable, ServiceKey } from "../../src/model/ipvs.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { labFile, projectRoot } from "./lib/project.ts"
import type { KernelCall } from "./programs/agent-kernel.ts"

const vip = "10.77.0.100"
const vip6 = "fd77::100"

const tcp = (port: number, address = vip): ServiceKey => ({
  kind: "address",
  protocol: "tcp",
  address,
  port,
})
const server = (address: string, port: number, more: object = {}): IpvsDestination => ({
  address,
  port,
  forwarding: "dr",
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  ...more,
})
const head = (key: ServiceKey, more: object = {}) => ({
  key,
  scheduler: "wlc",
  flags: [],
  onePacket: false,
  ...more,
})

/** Table as a dump orders it by itself, one of each kind; and what ipvsadm -Sn makes of each. */
const mixed: readonly { readonly service: IpvsTable[number]; readonly lines: string }[] = [
  {
    service: {
      ...head(tcp(80)),
      destinations: [server("10.77.0.21", 80), server("10.77.0.22", 80, { weight: 5 })],
    },
    lines: `-A -t ${vip}:80 -s wlc
-a -t ${vip}:80 -r 10.77.0.21:80 -g -w 1
-a -t ${vip}:80 -r 10.77.0.22:80 -g -w 5`,
  },
  {
    service: {
      ...head(tcp(443), { persistence: { timeoutSeconds: 50, prefixLength: 24 } }),
      destinations: [server("10.77.0.21", 443)],
    },
    lines: `-A -t ${vip}:443 -s wlc -p 50 -M 255.255.255.0
-a -t ${vip}:443 -r 10.77.0.21:443 -g -w 1`,
  },
  {
    service: {
      ...head(tcp(8080), { scheduler: "mh", flags: ["mh-fallback", "mh-port"] }),
      destinations: [server("10.77.0.21", 8080)],
    },
    lines: `-A -t ${vip}:8080 -s mh -b mh-fallback,mh-port
-a -t ${vip}:8080 -r 10.77.0.21:8080 -g -w 1`,
  },
  {
    service: {
      ...head(tcp(8081)),
      destinations: [
        server("10.77.0.21", 8081, { upperThreshold: 100, lowerThreshold: 80, forwarding: "nat" }),
      ],
    },
    lines: `-A -t ${vip}:8081 -s wlc
-a -t ${vip}:8081 -r 10.77.0.21:8081 -m -w 1`,
  },
  {
    service: {
      ...head(tcp(8082)),
      destinations: [
        server("10.77.0.21", 8082, { forwarding: "tun", tunnel: { type: "gue", port: 6080 } }),
        server("10.77.0.22", 8082, { forwarding: "tun" }),
      ],
    },
    lines: `-A -t ${vip}:8082 -s wlc
-a -t ${vip}:8082 -r 10.77.0.21:8082 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
-a -t ${vip}:8082 -r 10.77.0.22:8082 -i -w 1 --tun-type ipip`,
  },
  {
    service: {
      ...head(
        { kind: "address", protocol: "udp", address: vip, port: 53 },
        { onePacket: true, scheduler: "rr" },
      ),
      destinations: [server("10.77.0.21", 53)],
    },
    lines: `-A -u ${vip}:53 -s rr -o
-a -u ${vip}:53 -r 10.77.0.21:53 -g -w 1`,
  },
  {
    service: {
      ...head(tcp(80, vip6), { persistence: { timeoutSeconds: 300, prefixLength: 64 } }),
      destinations: [server("fd77::21", 80)],
    },
    lines: `-A -t [${vip6}]:80 -s wlc -p 300 -M 64
-a -t [${vip6}]:80 -r [fd77::21]:80 -g -w 1`,
  },
  {
    service: {
      ...head({ kind: "fwmark", fwmark: 7, family: 6 }, { scheduler: "sh", flags: ["sh-port"] }),
      destinations: [server("fd77::21", 0)],
    },
    lines: `-A -f 7 -6 -s sh -b sh-port
-a -f 7 -6 -r [fd77::21]:0 -g -w 1`,
  },
]

const sctp: ServiceKey = { kind: "address", protocol: "sctp", address: vip, port: 5060 }
const sip: ServiceKey = { kind: "address", protocol: "udp", address: vip, port: 5060 }

/** What of the kernel's vocabulary the table above leaves out. */
const rare: readonly { readonly service: IpvsTable[number]; readonly lines: string }[] = [
  {
    service: {
      ...head(tcp(0), { persistence: { timeoutSeconds: 300, prefixLength: 32 } }),
      destinations: [server("10.77.0.21", 0)],
    },
    lines: `-A -t ${vip}:0 -s wlc -p 300
-a -t ${vip}:0 -r 10.77.0.21:0 -g -w 1`,
  },
  {
    service: {
      ...head(sctp, { scheduler: "mh", flags: ["mh-port"] }),
      destinations: [server("10.77.0.21", 5060, { forwarding: "nat", weight: 0 })],
    },
    lines: `-A --sctp-service ${vip}:5060 -s mh -b mh-port
-a --sctp-service ${vip}:5060 -r 10.77.0.21:5060 -m -w 0`,
  },
  {
    service: {
      ...head(sip, { persistence: { timeoutSeconds: 60, prefixLength: 32, engine: "sip" } }),
      destinations: [
        server("10.77.0.21", 5060, { forwarding: "tun", tunnel: { type: "gre" } }),
        server("fd77::21", 5060, { forwarding: "tun" }),
      ],
    },
    lines: `-A -u ${vip}:5060 -s wlc -p 60 --pe sip
-a -u ${vip}:5060 -r 10.77.0.21:5060 -i -w 1 --tun-type gre --tun-nocsum
-a -u ${vip}:5060 -r [fd77::21]:5060 -i -w 1 --tun-type ipip`,
  },
  {
    service: {
      ...head({ kind: "fwmark", fwmark: 7, family: 4 }, { scheduler: "sh" }),
      flags: ["sh-fallback", "sh-port"],
      destinations: [server("10.77.0.21", 0)],
    },
    lines: `-A -f 7 -s sh -b sh-fallback,sh-port
-a -f 7 -r 10.77.0.21:0 -g -w 1`,
  },
  // Debian's kernels are built without twos (CONFIG_IP_VS_TWOS).
  ...schedulers
    .filter((name) => name !== "twos")
    .map((scheduler, index) => ({
      service: { ...head(tcp(9000 + index), { scheduler }), destinations: [] },
      lines: `-A -t ${vip}:${9000 + index} -s ${scheduler}`,
    })),
]

const table = mixed.map(({ service }) => service)

function additions(services: IpvsTable): readonly IpvsStep[] {
  return services.flatMap(({ destinations, ...service }) => [
    { op: "add-service" as const, service },
    ...destinations.map((destination) => ({
      op: "add-server" as const,
      key: service.key,
      destination,
    })),
  ])
}

describe.skipIf(skipWithoutLab())("the agent's kernel edge", () => {
  let lab: Lab
  let lb1: LabNode
  let rs1: LabNode
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "agent-kernel-"))
    const entry = labFile("programs", "agent-kernel.ts")
    const build = join(projectRoot(), "scripts", "build-agent.mjs")
    execFileSync(process.execPath, [build, "--entry", entry, "--directory", `${folder}/agent`])
    const files = execFileSync("tar", ["-C", folder, "-cf", "-", "agent"], { maxBuffer: 1e8 })
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    lb1 = lab.node("lb1")
    rs1 = lab.node("rs1")
    await lb1.must("mkdir -p /opt/lbctl/runtime/current && tar -C /opt/lbctl -xf -", {
      input: files,
    })
    await lb1.must(
      "cat > /opt/lbctl/runtime/current/node && chmod 755 /opt/lbctl/runtime/current/node",
      { input: readFileSync(process.execPath) },
    )
  })

  afterAll(async () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    await lab?.down()
  })

  async function ask(call: KernelCall, as = "root"): Promise<{ ms: number } & Answer> {
    const command = "/opt/lbctl/agent/lbagent"
    const line = as === "root" ? command : `setpriv --reuid=${as} --clear-groups ${command}`
    return JSON.parse(await lb1.must(line, { input: JSON.stringify(call) })) as {
      ms: number
    } & Answer
  }
  interface Answer {
    readonly result?: unknown
    readonly error?: string
  }

  async function rules(): Promise<readonly string[]> {
    return (await lb1.must("ipvsadm -Sn")).trim().split("\n").sort()
  }

  const dumped = async () =>
    ((await ask({ call: "dump" })).result as { table: IpvsTable }).table.toSorted((a, b) =>
      JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1,
    )

  it("says so when the kernel has no IPVS", async () => {
    const module = "/lib/modules/$(uname -r)/kernel/net/netfilter/ipvs/ip_vs.ko"
    await lb1.must(`mv ${module} /var/tmp/ip_vs.ko`)
    expect((await ask({ call: "dump" })).error).toBe("this kernel has no IPVS")
    await lb1.must(`mv /var/tmp/ip_vs.ko ${module}`)
  })

  it("loads the module by asking for the family, and needs privilege", async () => {
    expect((await ask({ call: "dump" })).result).toEqual({ table: [], counters: [], services: [] })
    expect((await ask({ call: "dump" }, "65534")).error).toMatch(/EPERM|not permitted/)
  })

  it("makes eight kinds of service that ipvsadm reads as they were meant", async () => {
    expect((await ask({ call: "apply", steps: additions(table) })).result).toEqual([])
    expect(await rules()).toEqual(mixed.flatMap(({ lines }) => lines.split("\n")).sort())
  })

  it("dumps what it made, thresholds and tunnels included", async () => {
    const wanted = table.toSorted((a, b) =>
      JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1,
    )
    expect(await dumped()).toEqual(wanted)
  })

  it("says all else that the kernel knows: every scheduler, sctp, gre, port 0, the sip engine", async () => {
    const services = rare.map(({ service }) => service)
    expect((await ask({ call: "apply", steps: additions(services) })).result).toEqual([])
    const held = await rules()
    expect(
      rare.flatMap(({ lines }) => lines.split("\n")).filter((line) => !held.includes(line)),
    ).toEqual([])
    const names = (list: IpvsTable) => list.map(({ key }) => serviceName(key))
    const dump = (await dumped()).filter(({ key }) => names(services).includes(serviceName(key)))
    expect(dump).toHaveLength(services.length)
    expect(dump).toEqual(expect.arrayContaining(services))
    const steps = services.map(({ key }) => ({ op: "remove-service" as const, key }))
    expect((await ask({ call: "apply", steps })).result).toEqual([])
  })

  it("adds again what is there without a word, and puts its content right", async () => {
    await lb1.must(`ipvsadm -e -t ${vip}:80 -r 10.77.0.22:80 -w 77; ipvsadm -E -t ${vip}:443 -s rr`)
    expect((await ask({ call: "apply", steps: additions(table) })).result).toEqual([])
    expect(await rules()).toEqual(mixed.flatMap(({ lines }) => lines.split("\n")).sort())
  })

  it("edits a weight and leaves the tunnel as it was", async () => {
    const destination = server("10.77.0.21", 8082, {
      weight: 9,
      forwarding: "tun",
      tunnel: { type: "gue", port: 6080 },
    })
    await ask({ call: "apply", steps: [{ op: "edit-server", key: tcp(8082), destination }] })
    expect(await rules()).toContain(
      `-a -t ${vip}:8082 -r 10.77.0.21:8082 -i -w 9 --tun-type gue --tun-port 6080 --tun-nocsum`,
    )
  })

  it("removes what is gone without a word, and names what is refused", async () => {
    const steps: IpvsStep[] = [
      { op: "remove-service", key: tcp(9999) },
      { op: "remove-server", key: tcp(80), destination: server("10.77.0.99", 80) },
      { op: "add-service", service: head(tcp(81), { scheduler: "nonsense" }) },
      { op: "add-server", key: tcp(80), destination: server("224.0.0.1", 80) },
      {
        op: "add-server",
        key: tcp(80),
        destination: server("10.77.0.23", 80, { upperThreshold: 1, lowerThreshold: 2 }),
      },
      { op: "remove-service", key: tcp(443) },
    ]
    const { result } = await ask({ call: "apply", steps })
    expect((result as { error: string }[]).map(({ error }) => error)).toEqual([
      "this kernel has no scheduler nonsense",
      "EINVAL: invalid argument",
      "weight or thresholds out of range",
    ])
    expect((await rules()).some((line) => line.includes(`${vip}:443`))).toBe(false)
  })

  it("starts, replaces and stops sync daemons, however short they lived", async () => {
    const daemon = (role: "master" | "backup", syncId: number) => ({
      role,
      interface: "eth0",
      syncId,
    })
    await ask({ call: "start", daemon: daemon("master", 51) })
    await ask({ call: "start", daemon: daemon("master", 52) })
    const way = { group: "ff02::81", port: 9000, ttl: 3, maxlen: 1400 }
    await ask({ call: "start", daemon: { ...daemon("backup", 52), ...way } })
    expect((await ask({ call: "daemons" })).result).toEqual([
      { ...daemon("master", 52), group: "224.0.0.81", port: 8848, ttl: 1, maxlen: 1472 },
      { ...daemon("backup", 52), ...way },
    ])
    expect(await lb1.must("ipvsadm -L --daemon")).toContain(
      "backup sync daemon (mcast=eth0, syncid=52, maxlen=1400, group=ff02::81, port=9000, ttl=3)",
    )
    await ask({ call: "stop", role: "master" })
    await ask({ call: "stop", role: "master" })
    await ask({ call: "stop", role: "backup" })
    expect((await ask({ call: "daemons" })).result).toEqual([])
    const nowhere = await ask({
      call: "start",
      daemon: { ...daemon("backup", 1), interface: "no0" },
    })
    expect(nowhere.error).toBe("cannot start the backup sync daemon on no0: ENODEV: no such device")
  })

  it("sets the timeouts that are given and leaves the others", async () => {
    const before = (await ask({ call: "timeouts" })).result
    await ask({ call: "set-timeouts", timeouts: { tcp: 600, udp: 30 } })
    expect((await ask({ call: "timeouts" })).result).toEqual({
      ...(before as object),
      tcp: 600,
      udp: 30,
    })
    expect(await lb1.must("ipvsadm -L --timeout")).toContain("600 120 30")
  })

  it("fills and dumps 1,000 services of 10 servers", async () => {
    await lb1.must("ipvsadm -C")
    const many = Array.from({ length: 1000 }, (_, index) => ({
      ...head(tcp(80, `10.9.${index >> 8}.${index & 255}`)),
      destinations: Array.from({ length: 10 }, (_, last) => server(`10.8.0.${last + 1}`, 80)),
    }))
    const filled = await ask({ call: "apply", steps: additions(many) })
    expect(filled.result).toEqual([])
    const read = await ask({ call: "dump" })
    expect(Number(await lb1.must("ipvsadm -Sn | wc -l; ipvsadm -C"))).toBe(11_000)
    const counts = (read.result as { table: IpvsTable }).table.map((s) => s.destinations.length)
    expect(counts).toEqual(Array.from({ length: 1000 }, () => 10))
  })

  describe("with a real server that holds the VIP on its loopback", () => {
    const mark = 0x6c620000
    const get = (address: string, source: string, port = 80, times = 1) =>
      ask({
        call: "get",
        times,
        connection: { address, source, port, mark, timeoutMs: 1500 },
      })
    const probe = async (...addresses: string[]) => {
      const { result } = await ask({ call: "probe", interface: "eth0", addresses })
      return (result as { macs: readonly string[] }[]).map(({ macs }) => macs)
    }
    const hold = (verb: "add" | "del") =>
      lb1.must(`ip addr ${verb} ${vip}/32 dev eth0; ip addr ${verb} ${vip6}/128 dev eth0 nodad`)

    beforeAll(async () => {
      await lab.serveHttp("rs1", { port: 80 })
      await rs1.must(
        `ip addr add ${vip}/32 dev lo; ip addr add ${vip6}/128 dev lo
sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2`,
      )
      const checks = ([4, 6] as const).map((family) => ({
        ...head({ kind: "fwmark" as const, fwmark: mark, family }, { scheduler: "rr" }),
        destinations: [server(family === 4 ? rs1.address : rs1.address6, 0)],
      }))
      expect((await ask({ call: "apply", steps: additions(checks) })).result).toEqual([])
    })

    /** A connection to the VIP whose synchronisation nobody heard: whether a backup learns of it that comes later. */
    async function syncedLate(sysctls: string): Promise<boolean> {
      const ssh = { ...head(tcp(22), { scheduler: "rr" }), destinations: [server(rs1.address, 22)] }
      await ask({ call: "apply", steps: additions([ssh]) })
      await lb1.must(`sysctl -qw ${sysctls}; rm -f /run/go`)
      await ask({ call: "start", daemon: { role: "master", interface: "eth0", syncId: 1 } })
      await lb1.must(`sent() { awk '/^Udp: [0-9]/ { print $5 }' /proc/net/snmp; }
        before=$(sent)
        bash -c 'exec 3<>/dev/tcp/${vip}/22; read -r banner <&3; touch /run/said
        until [ -e /run/go ]; do sleep 0.1; done; echo SSH-2.0-late >&3; sleep 15' >/dev/null 2>&1 &
        until [ -e /run/said ]; do sleep 0.1; done; rm /run/said
        until [ "$(sent)" -gt "$before" ]; do sleep 0.1; done`)
      await rs1.must(
        "modprobe ip_vs; ipvsadm --start-daemon backup --mcast-interface eth0 --syncid 1",
      )
      await lb1.must("sleep 2; touch /run/go")
      const learnt = await rs1.run(
        "for i in $(seq 60); do ipvsadm -Lcn | grep -q ESTABLISHED && exit; sleep 0.1; done; exit 1",
      )
      await rs1.must("ipvsadm --stop-daemon backup; ipvsadm -C")
      await ask({ call: "stop", role: "master" })
      await ask({ call: "apply", steps: [{ op: "remove-service", key: tcp(22) }] })
      return learnt.code === 0
    }

    it("tells a backup that came late of a connection, by lbctl's switches and not by the kernel's own", async () => {
      const prefix = "net.ipv4.vs.sync_"
      const ours = `${prefix}threshold="0 0" ${prefix}refresh_period=10 ${prefix}retries=2`
      const kernels = `${prefix}threshold="3 50" ${prefix}refresh_period=10 ${prefix}retries=2`
      expect(await syncedLate(kernels)).toBe(false)
      expect(await syncedLate(ours)).toBe(true)
    })

    it("reaches it through the VIP by a marked connection, not holding the VIP", async () => {
      expect((await get(vip, lb1.address)).result).toMatchObject({
        from: lb1.address,
        body: `rs1 ${lb1.address}\n`,
      })
      expect((await get(vip6, lb1.address6)).result).toMatchObject({
        body: `rs1 ${lb1.address6}\n`,
      })
    })

    it("reaches it holding the VIP: IPv4 needs accept_local, IPv6 nothing", async () => {
      await hold("add")
      expect((await get(vip6, lb1.address6)).result).toMatchObject({
        body: `rs1 ${lb1.address6}\n`,
      })
      expect((await get(vip, lb1.address)).error).toBe("timed out after 1.5s")
      for (const reversePath of [0, 2, 1]) {
        await lb1.must(
          `sysctl -qw net.ipv4.conf.eth0.accept_local=1 net.ipv4.conf.eth0.rp_filter=${reversePath}`,
        )
        expect((await get(vip, lb1.address)).result).toMatchObject({
          body: `rs1 ${lb1.address}\n`,
        })
      }
      await hold("del")
      await lb1.must("sysctl -qw net.ipv4.conf.eth0.rp_filter=0")
    })

    it("leaks nothing, and says in words why a connection failed", async () => {
      expect((await get(vip, lb1.address, 80, 50)).result).toMatchObject({ leaked: 0 })
      expect((await get(vip, lb1.address, 81)).error).toBe("connection refused")
      expect((await get(vip, "10.77.0.99")).error).toBe(
        "cannot come from 10.77.0.99: EADDRNOTAVAIL: address not available",
      )
    })

    it("sees a real server that lost the VIP", async () => {
      await rs1.must(`ip addr del ${vip}/32 dev lo`)
      expect((await get(vip, lb1.address)).error).toBe("timed out after 1.5s")
      await rs1.must(`ip addr add ${vip}/32 dev lo`)
    })

    it("finds nobody at the VIP of a silent real server, and everybody else where he is", async () => {
      expect(await probe(vip, rs1.address, vip6, rs1.address6)).toEqual([
        [],
        [rs1.mac],
        [],
        [rs1.mac],
      ])
    })

    it("finds a real server that answers for the VIP, while this node holds it too", async () => {
      await hold("add")
      await rs1.must(
        `sysctl -qw net.ipv4.conf.all.arp_ignore=0; ip addr add ${vip6}/128 dev eth0 nodad`,
      )
      expect(await probe(vip, vip6)).toEqual([[rs1.mac], [rs1.mac]])
      await rs1.must(`sysctl -qw net.ipv4.conf.all.arp_ignore=1; ip addr del ${vip6}/128 dev eth0`)
      expect(await probe(vip)).toEqual([[]])
      await hold("del")
    })

    it("says which interface is missing, and what privilege", async () => {
      const wrong = await ask({ call: "probe", interface: "no0", addresses: [vip] })
      expect(wrong.error).toBe("no frames on no0: ENODEV: no such device")
      const denied = await ask({ call: "probe", interface: "eth0", addresses: [vip] }, "65534")
      expect(denied.error).toBe("no frames on eth0: EPERM: operation not permitted")
    })

    it("lists the addresses this node holds", async () => {
      await hold("add")
      const { result } = await ask({ call: "addresses" })
      expect(result).toContainEqual({
        interface: "eth0",
        address: vip,
        family: 4,
        prefixLength: 32,
        mac: lb1.mac,
      })
      await hold("del")
    })
  })

  it("tells systemd that it is ready", async () => {
    const unit = `systemd-run --wait -p Type=notify -p NotifyAccess=all -p TimeoutStartSec=20`
    const call = JSON.stringify({ call: "notify" })
    await lb1.must(`${unit} /opt/lbctl/agent/lbagent '${call}'`)
    expect((await lb1.run(`${unit} /bin/true`)).code).not.toBe(0)
  })
})

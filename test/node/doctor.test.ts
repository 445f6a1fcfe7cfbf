import { spawnSync } from "node:child_process"
import { uptime } from "node:os"
import { afterEach, describe, expect, it } from "vitest"
import { doctorScript } from "../../src/cli/assets.ts"
import { doctorText, parseDoctorReply, type DoctorReply } from "../../src/wire/doctor.ts"
import { observeScript } from "../../src/wire/observe-request.ts"
import { installed, nodeScript, Scratch } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function newNode(): Scratch {
  const node = new Scratch()
  nodes.push(node)
  node.write("proc/sys/kernel/osrelease", "6.1.0-test\n")
  node.write("proc/sys/net/ipv4/ip_forward", "0\n")
  node.write("proc/sys/net/ipv4/conf/eth0.5/arp_ignore", "1\n")
  node.write("proc/sys/net/ipv4/vs/sync_threshold", "3\t50\n")
  node.write("lib/modules/6.1.0-test/modules.builtin", "kernel/net/ipv4/ipip.ko\n")
  node.write(
    "double/ip-6-address",
    "2: eth0    inet6 2001:db8::10/128 scope global dadfailed tentative \\       valid_lft forever\n" +
      "2: eth0    inet6 2001:db8::1/64 scope global \\       valid_lft forever\n",
  )
  node.write("double/ip-4-route", "default via 192.0.2.1 dev eth0 proto static \n")
  node.write(
    "double/ip-neigh",
    "192.0.2.10 dev eth0.5 lladdr 02:00:00:00:00:0A REACHABLE\n192.0.2.12 dev eth0 FAILED\n" +
      "2001:db8::10 dev eth0 lladdr 02:00:00:00:00:0b router STALE\n",
  )
  node.write(
    "double/ip-batch",
    "192.0.2.21 dev eth0 src 192.0.2.11 uid 0 \\    cache \n198.51.100.7 via 192.0.2.1 dev eth0 src 192.0.2.11 uid 0\n",
  )
  return node
}

const reading = observeScript(nodeScript)
const doctor = doctorScript()

function examine(
  node: Scratch,
  shell: readonly string[] = ["sh"],
  programs: readonly string[] = [],
): DoctorReply {
  const text = doctorText(reading, doctor, {
    modules: ["ip_vs", "ipip", "ip_vs_mh"],
    units: ["ipvsadm"],
    routes: ["192.0.2.21", "198.51.100.7", "203.0.113.1"],
    neighbours: ["192.0.2.10", "2001:db8::10", "192.0.2.12"],
    names: ["192.0.2.10", "2001:db8::10"],
    receivers: ["eth0", "bond0.5"],
    keepalived: true,
    programs,
  })
  if (!text.ok) throw new Error(text.error.message)
  const [program = "", ...options] = shell
  const env = node.environment()
  const ended = spawnSync(program, [...options, "-s"], { input: text.value, encoding: "utf8", env })
  expect(ended.stderr).toBe("")
  const reply = parseDoctorReply(ended.stdout)
  if (reply === undefined) throw new Error(`cut off: ${ended.stdout}`)
  return reply
}

/** Since a time as lbctl-doctor.sh tells it. */
function millisecondsAgo(time: string | undefined): number {
  return Date.now() - Date.parse(`${time?.replace(" ", "T")}Z`)
}

const shells = [["sh"], ["dash"], ["bash", "--posix"], ["busybox", "ash"]].filter(([name = ""]) =>
  installed(name),
)

describe("what the doctor looks at on a node", () => {
  it.each(shells)("is told by %s %s", (...shell) => {
    const node = newNode()
    node.write("etc/sysctl.d/50-b.conf", "# no\n; no\n\n  net.ipv4.ip_forward=1\n")
    node.write("usr/lib/sysctl.d/50-b.conf", "net.ipv4.ip_forward = 7\n")
    node.write("usr/lib/sysctl.d/10-a.conf", "-net/ipv4/conf/eth0.5/rp_filter = 2\n-some.thing\n")
    node.write("etc/modules-load.d/lvs.conf", "# comment\nip_vs\nnf-conntrack\n")
    node.write("etc/systemd/system/ipvsadm.service", "")
    node.write("double/enabled/ipvsadm", "")
    node.write("etc/init.d/lvs real", "VIP=192.0.2.10\n")
    node.write("etc/network/interfaces", "address 192.0.2.100/32\naddress 2001:db8::10/128\n")
    node.write("etc/motd", "192.0.2.10\n")
    for (const below of ["bond0.5/lower_bond0", "bond0/lower_eth1", "bond0/lower_eth2"])
      node.write(`sys/class/net/${below}/mtu`, "1500\n")
    const offload = (state: string) =>
      `Features for it:\nrx-checksumming: on\nlarge-receive-offload: ${state}\n`
    node.write("double/ethtool/eth0", offload("on"))
    node.write("double/ethtool/eth1", offload("off [fixed]"))
    node.write("double/ethtool/eth2", offload("on [fixed]"))
    node.write("proc/net/ip_vs", "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress\n")
    const reply = examine(
      node,
      shell.filter((word) => word !== undefined),
    )
    expect(Math.abs(reply.nowMs - Date.now())).toBeLessThan(60_000)
    expect(reply.switches).toEqual(
      new Map([
        ["net/ipv4/conf/all/arp_ignore", "0"],
        ["net/ipv4/conf/eth0.5/arp_ignore", "1"],
        ["net/ipv4/ip_forward", "0"],
        ["net/ipv4/vs/sync_threshold", "3 50"],
      ]),
    )
    expect(reply.kept).toEqual([
      { file: "/usr/lib/sysctl.d/10-a.conf", key: "net/ipv4/conf/eth0.5/rp_filter", value: "2" },
      { file: "/etc/sysctl.d/50-b.conf", key: "net.ipv4.ip_forward", value: "1" },
    ])
    expect([...reply.bootModules]).toEqual(["ip_vs", "nf_conntrack"])
    expect(Object.fromEntries(reply.modules)).toEqual({
      ip_vs: "loadable",
      ipip: "builtin",
      ip_vs_mh: "missing",
    })
    expect(reply.flagged).toEqual([
      { device: "eth0", address: "2001:db8::10", flag: "dadfailed" },
      { device: "eth0", address: "2001:db8::10", flag: "tentative" },
    ])
    expect(reply.defaultRoutes).toEqual([{ family: 4, via: "192.0.2.1", device: "eth0" }])
    expect(Object.fromEntries(reply.routes)).toEqual({
      "192.0.2.21": { device: "eth0", source: "192.0.2.11" },
      "198.51.100.7": { via: "192.0.2.1", device: "eth0", source: "192.0.2.11" },
    })
    expect(reply.neighbours).toEqual([
      { address: "192.0.2.10", device: "eth0.5", mac: "02:00:00:00:00:0a" },
      { address: "2001:db8::10", device: "eth0", mac: "02:00:00:00:00:0b" },
    ])
    expect(reply.naming).toEqual([
      { address: "192.0.2.10", file: "/etc/init.d/lvs real" },
      { address: "2001:db8::10", file: "/etc/network/interfaces" },
    ])
    expect(reply.offload).toEqual([
      { interface: "eth0", device: "eth0", largeReceive: true },
      { interface: "bond0.5", device: "eth2", largeReceive: true },
      { interface: "bond0.5", device: "eth1", largeReceive: false },
    ])
    expect(reply.connectionRows).toBe(4096)
    expect(reply.units.get("ipvsadm")).toEqual({ enabled: true, running: false })
  })

  describe("of packet filters", () => {
    const saved = "# Generated\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p vrrp -j ACCEPT\nCOMMIT\n"
    const builtin = "lib/modules/6.1.0-test/modules.builtin"
    const listed = (name: string) =>
      `{"nftables": [{"chain": {"family": "inet", "table": "t", "name": "${name}"}}]}\n`
    const chainsOf = (node: Scratch, shell?: readonly string[]) =>
      examine(node, shell).filter?.map(({ tool, name }) => `${tool} ${name}`)

    it.each(shells)("is told by %s %s", (...shell) => {
      const node = newNode()
      node.write("proc/net/ip_tables_names", "filter\n")
      node.write("proc/net/ip6_tables_names", "filter\n")
      node.write("double/iptables-save", saved)
      node.write("double/ip6tables-save", saved)
      node.write("sys/module/nf_tables/refcnt", "1\n")
      node.write("double/nft", listed("a\\\\b"))
      const words = shell.filter((word) => word !== undefined)
      expect(chainsOf(node, words)).toEqual(["iptables INPUT", "ip6tables INPUT", "nft a\\b"])
    })

    it("is asked for only where the kernel has it in use: asking would load it", () => {
      const node = newNode()
      node.write("proc/net/ip_tables_names", "")
      node.write("double/iptables-save", saved)
      node.write("double/nft", listed("a"))
      expect(chainsOf(node)).toEqual([])
    })

    it.each([
      [
        "has it built in",
        (node: Scratch) => node.write(builtin, "kernel/net/netfilter/nf_tables.ko\n"),
      ],
      ["has no modules to load", (node: Scratch) => node.removePath("lib/modules")],
    ])("is asked for where the kernel %s", (_, prepare) => {
      const node = newNode()
      node.write("double/nft", listed("a"))
      prepare(node)
      expect(chainsOf(node)).toEqual(["nft a"])
    })

    it("is undefined when what is in use cannot be listed in full", () => {
      const mute = newNode()
      mute.write("proc/net/ip_tables_names", "filter\n")
      expect(chainsOf(mute)).toBeUndefined()
      const noJson = newNode()
      noJson.write("sys/module/nf_tables/refcnt", "1\n")
      expect(chainsOf(noJson)).toBeUndefined()
      noJson.write("double/nft", `${" ".repeat(262_144)}${listed("a")}`)
      expect(chainsOf(noJson)).toBeUndefined()
    })
  })

  it.each(shells)("is the way to each program, as %s %s tells it", (...shell) => {
    const node = newNode()
    node.write("usr/local/sbin/tell", "#!/bin/sh\n", 0o757)
    node.write("opt/the tool/bin/weigh", "#!/bin/sh\n", 0o755)
    node.link("opt/the tool", "tool")
    node.link("../../../opt/the tool/bin/weigh", "usr/local/sbin/weight")
    node.link("nowhere", "usr/local/sbin/lost")
    const sbin = "/usr/local/sbin"
    const asked = [`${sbin}/tell`, "/tool/bin/weigh", `${sbin}/weight`, `${sbin}/lost`]
    const more = [`${sbin}/none`, "/no/folder/x", "/usr/local"]
    const reply = examine(
      node,
      shell.filter((word) => word !== undefined),
      [...asked, ...more],
    )
    expect(Object.fromEntries(reply.programs)).toEqual({
      [`${sbin}/tell`]: [`${sbin}/tell`],
      "/tool/bin/weigh": ["/opt/the tool/bin/weigh"],
      [`${sbin}/weight`]: [`${sbin}/weight`, "/opt/the tool/bin/weigh"],
      [`${sbin}/lost`]: [`${sbin}/lost`, `${sbin}/nowhere`],
      [`${sbin}/none`]: [`${sbin}/none`],
      "/no/folder/x": [],
      "/usr/local": ["/usr/local"],
    })
    const folders = ["/", "/opt", "/opt/the tool", "/opt/the tool/bin", "/usr", "/usr/local", sbin]
    const found = ["lost", "tell", "weight"].map((name) => `${sbin}/${name}`)
    expect([...reply.paths.keys()].toSorted()).toEqual(
      [...folders, ...found, "/opt/the tool/bin/weigh"].toSorted(),
    )
    expect(reply.paths.get(`${sbin}/tell`)).toMatchObject({ kind: "file", mode: 0o757 })
    expect(reply.paths.get(sbin)?.kind).toBe("folder")
    expect(reply.paths.get(`${sbin}/weight`)?.kind).toBe("link")
  })

  it.each(shells)("is how keepalived runs, as %s %s tells it", (...shell) => {
    const node = newNode()
    const shown = "Type=notify\nMainPID=1032\nStateChangeTimestamp=Sun 2001-09-09 01:46:40 UTC\n"
    node.write("double/shown/keepalived.service", shown)
    node.write("etc/keepalived/keepalived.conf", "")
    node.age("etc/keepalived/keepalived.conf", 3600)
    const told = () =>
      examine(
        node,
        shell.filter((word) => word !== undefined),
      ).keepalived
    const bare = told()
    expect(bare).toMatchObject({ mainPid: 1032, loadedAt: "2001-09-09 01:46:40" })
    expect([bare?.children, bare?.pidFile]).toEqual([undefined, undefined])
    const microseconds = Math.round((uptime() - 600) * 1_000_000)
    node.write(
      "double/shown/keepalived.service",
      `${shown}StateChangeTimestampMonotonic=${microseconds}\n`,
    )
    expect(Math.abs(millisecondsAgo(told()?.loadedAt) - 600_000)).toBeLessThan(60_000)
    expect(Math.abs(millisecondsAgo(bare?.writtenAt) - 3_600_000)).toBeLessThan(60_000)
    node.write("proc/1032/task/1032/children", "1033 1034 1035 ")
    node.write("proc/1033/stat", "1033 (keepalived) S 1032 1032 1032 0\n")
    node.write("proc/1034/stat", "1034 (a) b (c) T 1032 1032 1032 0\n")
    node.write("run/keepalived/keepalived.pid", "17\n")
    expect(told()).toMatchObject({
      children: [
        { pid: 1033, state: "S" },
        { pid: 1034, state: "T" },
      ],
      pidFile: { path: "/run/keepalived/keepalived.pid", pid: 17 },
    })
  })

  it.each([
    ["run/systemd/container", "lxc\n", "lxc"],
    [".dockerenv", "", "docker"],
    ["run/.containerenv", "", "podman"],
  ])("is a container by %s", (path, text, kind) => {
    const node = newNode()
    node.write(path, text)
    expect(examine(node).container).toBe(kind)
  })

  it("is a container by what the first process was told, where there is no systemd", () => {
    const node = newNode()
    node.write("proc/1/environ", "TERM=linux\0container=lxc\0")
    expect(examine(node).container).toBeUndefined()
    node.removePath("run/systemd")
    expect(examine(node).container).toBe("lxc")
  })

  it("is a bare host's little, without an error", () => {
    const reply = examine(newNode())
    expect([reply.kept, [...reply.bootModules]]).toEqual([[], []])
    expect([reply.container, reply.connectionRows]).toEqual([undefined, undefined])
    expect(reply.offload).toEqual([])
    expect(reply.keepalived).toBeUndefined()
    expect(reply.units.get("ipvsadm")).toEqual({ enabled: false, running: false })
  })
})

describe.skipIf(!installed("shellcheck"))("lbctl-doctor.sh", () => {
  it("passes shellcheck behind the half of lbctl-node.sh it is sent after", () => {
    const { status, stdout } = spawnSync("shellcheck", ["-s", "sh", "-"], {
      input: doctor,
      encoding: "utf8",
    })
    expect([status, stdout]).toEqual([0, ""])
  })
})

import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import { changesBelow } from "../../src/wire/observe-request.ts"
import { observe, observeAs } from "./observing.ts"
import { sampleBundle, sampleOperations, sha256 } from "./sample.ts"
import { installed, nodeScript, Scratch } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function newNode(): Scratch {
  const node = new Scratch()
  nodes.push(node)
  node.write("etc/motd", "old\n", 0o640)
  node.write("etc/gone", "gone\n")
  node.write("proc/sys/kernel/ostype", "Linux\n")
  node.write("proc/sys/kernel/osrelease", "6.1.0-test\n")
  node.write("proc/sys/kernel/arch", "x86_64\n")
  node.write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
  node.write("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
  node.write("sys/class/net/eth0.5/address", "02:00:00:00:00:01\n")
  node.write("sys/class/net/eth0.5/mtu", "1500\n")
  node.write("sys/class/net/eth0.5/flags", "0x1003\n")
  node.write("double/addresses", "lo 127.0.0.1/8\neth0.5 192.0.2.1/24\neth0.5 2001:db8::1/64\n")
  return node
}

const shells = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(([name = ""]) =>
  installed(name),
)

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))(
  "observe, %s",
  (_, shell) => {
    it("reads the numbers of the real kernel whole", () => {
      const key = "net.core.somaxconn"
      const value = readFileSync("/proc/sys/net/core/somaxconn", "utf8").trim()
      const env = { PATH: process.env["PATH"] }
      expect(observeAs(env, { sysctls: [key] }, shell).sysctls).toMatchObject({ [key]: value })
    })

    it.each([
      ["kernel", "etc/motd", ""],
      [
        "50-lo.network",
        "run/systemd/netif/links/1",
        "NETWORK_FILE=/run/systemd/network/50-lo.network\n",
      ],
      [
        "networkmanager",
        "run/NetworkManager/devices/1",
        "[device]\nmanaged=true\nconnection-uuid=4711\n",
      ],
      ["ifupdown", "etc/network/interfaces", "auto lo\niface lo inet loopback\n"],
    ])("tells that %s configures the loopback", (owner, file, content) => {
      const node = newNode()
      node.write(file, content)
      node.write("sbin/ifup", "")
      expect(observe(node, {}, shell).facts).toMatchObject({ loopback: owner })
    })

    it("tells facts, links, files, sysctls and commands", () => {
      const observed = observe(
        newNode(),
        {
          files: [
            { path: "/etc/motd", sha256: sha256("new\n") },
            { path: "/etc/gone", sha256: sha256("gone\n") },
            { path: "/etc/none", sha256: sha256("") },
          ],
          sysctls: ["net.ipv4.conf.all.arp_ignore", "net.ipv4.ip_local_port_range", "net.nope"],
          commands: ["sh", "no-such-command"],
        },
        shell,
      )
      expect(observed.facts).toMatchObject({
        os: "Linux",
        kernel: "6.1.0-test",
        arch: "x86_64",
        init: "systemd",
        distribution: "debian 12",
        ipvs: "missing",
      })
      expect(observed.links).toContainEqual({
        name: "eth0.5",
        mac: "02:00:00:00:00:01",
        up: true,
        mtu: 1500,
      })
      expect(observed.files["/etc/motd"]).toMatchObject({
        sha256: sha256("old\n"),
        mode: "0640",
        content: "old\n",
      })
      expect(observed.files["/etc/gone"]).not.toHaveProperty("content")
      expect(observed.files["/etc/none"]).toEqual({})
      expect(observed.sysctls).toEqual({
        "net.ipv4.conf.all.arp_ignore": "0",
        "net.ipv4.ip_local_port_range": "32768 60999",
        "net.nope": undefined,
      })
      expect(observed.commands).toEqual({ sh: true, "no-such-command": false })
    })
  },
)

describe("observe", () => {
  it("tells addresses, modules and units", () => {
    const node = newNode()
    node.write("sys/module/ip_vs_wrr/x", "")
    node.write("etc/systemd/system/web.service", "")
    node.write("double/enabled/web.service", "")
    const observed = observe(node, {
      modules: ["ip_vs-wrr", "ip_vs", "nope"],
      units: ["web.service", "other.service"],
    })
    expect(observed.addresses).toContainEqual({
      device: "eth0.5",
      address: "2001:db8::1",
      prefix: 64,
    })
    expect(observed.modules).toEqual({ "ip_vs-wrr": "loaded", ip_vs: "loadable", nope: "missing" })
    expect(observed.units).toEqual({
      "web.service": { exists: true, enabled: true, running: false },
      "other.service": { exists: false, enabled: false, running: false },
    })
  })

  it("looks at what the confirmed release owns without being asked", async () => {
    const node = newNode()
    const bundle = sampleBundle()
    await node.stage("t1", bundle, sampleOperations(bundle))
    const activation = node.start(["activate", "t1", "60"])
    await activation.until("activated")
    expect(observe(node, {}).transaction).toEqual({
      id: "t1",
      release: bundle.id,
      by: "Ada O'Neil",
      since: "2026-01-02T03:04:05Z",
      state: "armed",
    })
    await activation.leave()
    expect(observe(node, {}).transaction).toMatchObject({ state: "abandoned" })
    await node.run(["confirm", "t1"])
    const observed = observe(node, {})
    expect(observed.release).toBe(bundle.id)
    expect(observed.owned).toEqual({
      files: bundle.files.map((resource) => resource.path),
      sysctls: ["net.ipv4.conf.all.arp_ignore"],
      addresses: bundle.addresses,
      units: ["web.service"],
      linksUp: ["tunl0"],
    })
    expect(observed.files["/etc/motd"]).toMatchObject({ sha256: sha256("new\n") })
    expect(observed.sysctls).toEqual({ "net.ipv4.conf.all.arp_ignore": "1" })
    expect(observed.units["web.service"]).toMatchObject({ running: true })
  })

  it("tells how the last transaction ended when it ended badly", async () => {
    const node = newNode()
    await node.stage("t1", sampleBundle(), [{ op: "run", name: "x", run: ["false"] }])
    await node.run(["activate", "t1", "60"])
    expect(observe(node, {}).lastResult).toContain("reverted (operation 1 failed)")
  })

  it("asks the agent where there is one, and reads the kernel's table where it fails", () => {
    const node = newNode()
    const status =
      '{"version":"1","running":true,"table":[],"counters":[],"owned":[],"health":[],"overrides":[],"draining":[],"vrrp":[],"warnings":["a  b"]}'
    node.write("opt/lbctl/agent/abc/lbagent", `#!/bin/sh\necho '${status}'\n`, 0o755)
    node.write("opt/lbctl/runtime/current/node", "", 0o755)
    const observed = observe(node, { ipvs: true, runtime: true })
    expect(observed.agents).toEqual(["abc"])
    expect(observed.runtime).toBe("/opt/lbctl/runtime/current/node")
    expect(observed.agent?.warnings).toEqual(["a  b"])
    node.write("opt/lbctl/agent/abc/lbagent", "#!/bin/sh\necho broken >&2; exit 1\n", 0o755)
    node.write(
      "proc/net/ip_vs",
      "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP  C000020A:0050 wlc \n  -> 0A000015:0050      Route   1      0          0         \n",
    )
    const fallen = observe(node, { ipvs: true })
    expect(fallen.facts["agent_error"]).toBe("broken")
    expect(fallen.table?.[0]?.destinations[0]).toMatchObject({ address: "10.0.0.21", weight: 1 })
  })

  it("writes nothing on the node", () => {
    const node = newNode()
    const before = node.state()
    observe(node, {
      units: ["web.service"],
      ipvs: true,
      files: [{ path: "/etc/motd", sha256: "-" }],
    })
    expect(node.state()).toEqual(before)
    expect(node.has("var/lib/lbctl")).toBe(false)
    expect(node.has("run/lbctl")).toBe(false)
  })
})

describe("the script", () => {
  it("is two halves, of which the first is a script by itself", () => {
    expect(nodeScript.split(`\n${changesBelow}\n`)).toHaveLength(2)
  })

  it.skipIf(!installed("shellcheck"))("passes shellcheck as POSIX sh", () => {
    const ended = spawnSync("shellcheck", ["-s", "sh", "-"], {
      input: nodeScript,
      encoding: "utf8",
    })
    expect(ended.stdout).toBe("")
  })
})

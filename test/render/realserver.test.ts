import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Bundle } from "../../src/model/bundle.ts"
import type { RealServerView } from "../../src/model/desired.ts"
import type { Init, Loopback } from "../../src/model/system.ts"
import { bundleOf, contentOf, installed, realserverView } from "./fixtures.ts"

const script = "/usr/local/sbin/lvs-real"

describe("a real server's bundle", () => {
  it("silences ARP on the keys that count and holds the VIPs as host routes on lo", () => {
    const bundle = bundleOf(realserverView())
    expect(bundle.sysctls).toEqual([
      { key: "net.ipv4.conf.all.arp_ignore", value: "1" },
      { key: "net.ipv4.conf.default.arp_ignore", value: "1" },
      { key: "net.ipv4.conf.all.arp_announce", value: "2" },
      { key: "net.ipv4.conf.default.arp_announce", value: "2" },
    ])
    expect(bundle.addresses).toEqual([
      { address: "192.0.2.10", prefix: 32, device: "lo" },
      { address: "2001:db8::10", prefix: 128, device: "lo" },
    ])
    expect(bundle.units).toEqual([
      { name: "lbctl-realserver.service", enabled: true, running: true },
    ])
    expect(bundle.modules).toEqual([])
    expect(bundle.agent).toBeUndefined()
  })

  it("changes the script and an address when a VIP comes, and nothing that runs", () => {
    const before = bundleOf(realserverView())
    const { vips = [], ...rest } = realserverView().realserver ?? {}
    const added = {
      address: "192.0.2.11",
      prefix: 32,
      family: 4,
      services: ["shop"],
      device: "lo",
    } as const
    const after = bundleOf(realserverView({ ...rest, vips: [...vips, added] }))
    const changed = after.files.filter(({ path, content }) => contentOf(before, path) !== content)
    expect(changed.map(({ path, notify }) => ({ path, notify }))).toEqual([
      { path: script, notify: [] },
    ])
    expect(after.addresses).toHaveLength(3)
    expect(after.units).toEqual(before.units)
    expect(after.id).not.toBe(before.id)
  })

  it("receives tunnels: module, device up, loose reverse path filter", () => {
    const bundle = bundleOf(realserverView({ tunnels: ["gre", "ip6tnl", "ipip"] }))
    expect(bundle.modules).toEqual(["ip_gre", "ip6_gre", "ip6_tunnel", "ipip"])
    expect(bundle.linksUp).toEqual(["gre0", "ip6gre0", "ip6tnl0", "tunl0"])
    expect(bundle.sysctls.at(-1)).toEqual({ key: "net.ipv4.conf.all.rp_filter", value: "2" })
  })

  it("opens the sockets that gue comes in by, each by a unit of its own", () => {
    const gueSockets = [
      { port: 5555, family: 4 },
      { port: 5555, family: 6 },
    ] as const
    const bundle = bundleOf(realserverView({ tunnels: ["gue"], gueSockets }))
    expect(bundle.modules).toEqual(["ipip", "ip6_tunnel", "fou", "fou6"])
    expect(bundle.units.map(({ name }) => name)).toEqual([
      "lbctl-gue-5555.service",
      "lbctl-gue6-5555.service",
      "lbctl-realserver.service",
    ])
    expect(contentOf(bundle, "/etc/systemd/system/lbctl-gue6-5555.service")).toContain(
      "ip -6 fou add port 5555 gue",
    )
  })

  const on = (init: Init, loopback: Loopback = "kernel", parts: Partial<RealServerView> = {}) =>
    bundleOf({ ...realserverView(parts), system: { init, loopback } })
  const bootFiles = (bundle: Bundle) =>
    bundle.files
      .filter(({ path }) => !/sysctl\.d|modules-load|lvs-real$/.test(path))
      .map(({ path, mode, notify }) => [path, mode, ...notify])

  it.each([
    ["systemd", "/etc/systemd/system/lbctl-realserver.service", "lbctl-realserver.service"],
    ["openrc", "/etc/init.d/lbctl-realserver", "lbctl-realserver"],
    ["sysvinit", "/etc/init.d/lbctl-realserver", "lbctl-realserver"],
    ["busybox", "/etc/init.d/lbctl-realserver", "lbctl-realserver"],
  ] as const)("comes back at a boot of %s by %s", (init, path, name) => {
    const bundle = on(init)
    expect(bootFiles(bundle)).toEqual([[path, init === "systemd" ? "0644" : "0755"]])
    expect(bundle.units).toEqual([{ name, enabled: true, running: true }])
    expect(contentOf(bundle, path)).toContain("/usr/local/sbin/lvs-real start")
  })

  it.each([
    ["ifupdown", "/etc/network/if-up.d/lbctl-realserver", "0755"],
    ["networkmanager", "/etc/NetworkManager/dispatcher.d/90-lbctl-realserver", "0755"],
    ["50-lo.network", "/etc/systemd/network/50-lo.network.d/lbctl-192.0.2.10.conf", "0644"],
    ["50-lo.network", "/etc/systemd/network/50-lo.network.d/lbctl-2001:db8::10.conf", "0644"],
  ] as const)("is there again when %s has configured the loopback", (loopback, ...file) => {
    expect(bootFiles(on("systemd", loopback))).toContainEqual(file)
  })

  it("tells systemd-networkd of the VIPs of the loopback alone", () => {
    const bundle = on("systemd", "50-lo.network", {
      tunnels: ["ipip"],
      vips: [
        { address: "192.0.2.10", prefix: 32, family: 4, services: ["web"], device: "tunl0" },
        { address: "2001:db8::10", prefix: 128, family: 6, services: ["web"], device: "lo" },
      ],
    })
    const files = bundle.files.filter(({ path }) => path.includes(".network.d/"))
    expect(files.map(({ path }) => path)).toEqual([
      "/etc/systemd/network/50-lo.network.d/lbctl-2001:db8::10.conf",
    ])
    expect(files[0]?.content).toMatch(/\[Network\]\nAddress=2001:db8::10\/128\n$/)
  })

  it.each(["openrc", "sysvinit"] as const)("opens the sockets of gue under %s too", (init) => {
    const bundle = on(init, "kernel", { tunnels: ["gue"], gueSockets: [{ port: 5555, family: 4 }] })
    expect(bundle.units.map(({ name }) => name)).toEqual(["lbctl-gue-5555", "lbctl-realserver"])
    expect(contentOf(bundle, "/etc/init.d/lbctl-gue-5555")).toContain("ip -4 fou add port 5555 gue")
  })

  it.skipIf(!installed("shellcheck")).each([
    ["sysvinit", "ifupdown"],
    ["systemd", "networkmanager"],
  ] as const)("has scripts for %s and %s that are clean to shellcheck", (init, loopback) => {
    const gueSockets = [{ port: 5555, family: 4 }] as const
    const { files } = on(init, loopback, { tunnels: ["gue"], gueSockets })
    for (const { content } of files.filter((file) => file.content.startsWith("#!/bin/sh"))) {
      const options = { input: content, encoding: "utf8" } as const
      const { stdout, status } = spawnSync("shellcheck", ["--shell=dash", "-"], options)
      expect({ stdout, status }).toEqual({ stdout: "", status: 0 })
    }
  })

  it("is shared with a director's on a host that is both", () => {
    const both = {
      ...realserverView(),
      director: { format: 1, services: [], vrrp: [], connectionSync: [] } as const,
      agent: { id: "a", path: "/opt/lbctl/agent/a" },
    }
    const bundle = bundleOf(both)
    expect(bundle.roles).toEqual(["director", "realserver"])
    expect(bundle.handlers.map(({ name }) => name)).toEqual([
      "lbagent-restart",
      "lbagent-reload",
      "keepalived-reload",
    ])
  })
})

describe("lvs-real", () => {
  const text = contentOf(bundleOf(realserverView({ tunnels: ["ipip"] })), script)

  it("sets sysctls before addresses and undoes addresses before sysctls", () => {
    const [start = "", stop = ""] = text.split(/^stop\(\) \{$/m)
    expect(start.indexOf("set_sysctl net/ipv4/conf/all/arp_ignore '1'")).toBeGreaterThan(0)
    expect(start.indexOf("add_address 192.0.2.10/32 lo")).toBeGreaterThan(
      start.lastIndexOf("set_sysctl"),
    )
    expect(stop.indexOf("remove_address 192.0.2.10/32 lo")).toBeGreaterThan(0)
    expect(stop.indexOf("/proc/sys")).toBeGreaterThan(stop.indexOf("remove_address"))
  })

  it.skipIf(!installed("shellcheck"))("is clean to shellcheck", () => {
    const { stdout, status } = spawnSync("shellcheck", ["--shell=dash", "-"], {
      input: text,
      encoding: "utf8",
    })
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 })
  })

  it("says how it is used", () => {
    const { status, stderr } = spawnSync("sh", ["-s", "restart"], { input: text, encoding: "utf8" })
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "usage: lvs-real start | stop | status\n",
    })
  })

  it.skipIf(!installed("systemd-analyze"))("has a unit that systemd takes", () => {
    const folder = mkdtempSync(join(tmpdir(), "lbctl-render-"))
    try {
      const program = join(folder, "lvs-real")
      writeFileSync(program, text)
      chmodSync(program, 0o755)
      const unit = join(folder, "lbctl-realserver.service")
      const path = "/etc/systemd/system/lbctl-realserver.service"
      writeFileSync(unit, contentOf(bundleOf(realserverView()), path).replace(script, program))
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", unit], {
        encoding: "utf8",
      })
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

import { spawnSync } from "node:child_process"
import { afterEach, describe, expect, it } from "vitest"
import { viewOn } from "../../src/compile/system.ts"
import { usualSystem } from "../../src/model/system.ts"
import { Scratch } from "../node/scratch.ts"
import { bundleOf, contentOf, installed, realserverView, role, shipped } from "./fixtures.ts"

const system = { ...usualSystem, init: "rc" } as const
const bundle = bundleOf(viewOn(realserverView(), system))
const script = contentOf(bundle, "/usr/local/sbin/lvs-real")
const proxy = "net.link.ether.inet.proxyall"

describe("the bundle of a real server that runs FreeBSD", () => {
  it("holds the VIPs as host routes on lo0, without any switch of Linux's", () => {
    expect(bundle.addresses).toEqual([
      { address: "192.0.2.10", prefix: 32, device: "lo0" },
      { address: "2001:db8::10", prefix: 128, device: "lo0" },
    ])
    expect(bundle.sysctls).toEqual([{ key: proxy, value: "0" }])
    expect(bundle.modules).toEqual([])
    expect(bundle.linksUp).toEqual([])
  })

  it("comes back at a boot by a script of rc.d, after the interfaces and before any service", () => {
    expect(bundle.files.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ["/usr/local/etc/rc.d/lbctl_realserver", "0755", "root:wheel"],
      ["/usr/local/sbin/lvs-real", "0755", "root:wheel"],
    ])
    expect(bundle.units).toEqual([{ name: "lbctl_realserver", enabled: true, running: true }])
    const rc = contentOf(bundle, "/usr/local/etc/rc.d/lbctl_realserver")
    expect(rc).toMatch(/^# REQUIRE: netif routing\n# BEFORE: NETWORKING$/m)
  })

  it("gives files of a user's role to FreeBSD's group of root", () => {
    const { templates } = shipped()
    const own = role(
      "own",
      `
description: x
applies_to: { view: realserver }
files:
  - { path: /usr/local/etc/a, content: x }
  - { path: /usr/local/etc/b, content: x, owner: "www:www" }`,
    )
    const { files } = bundleOf(viewOn(realserverView(), system), { roles: [own], templates })
    expect(files.map(({ owner }) => owner)).toEqual(["root:wheel", "www:www"])
  })

  it("is what it was where a host turns out to run Linux after all", () => {
    const there = viewOn(realserverView(), system)
    expect(bundleOf(viewOn(there, usualSystem)).id).toBe(bundleOf(realserverView()).id)
  })

  it.skipIf(!installed("shellcheck"))("has scripts that are clean to shellcheck", () => {
    for (const { path, content } of bundle.files) {
      const options = { input: content, encoding: "utf8" } as const
      // rc.subr is FreeBSD's, and reads the variables of who includes it.
      const words = ["--shell=dash", "--exclude=SC1091,SC2034,SC2154", "-"]
      const { stdout, status } = spawnSync("shellcheck", words, options)
      expect({ path, stdout, status }).toEqual({ path, stdout: "", status: 0 })
    }
  })
})

const shells = [["dash"], ["busybox", "sh"]].filter(([program = ""]) => installed(program))

/** With doubles of FreeBSD's programs: see test/node/freebsd-doubles. */
describe.each(shells.map((shell) => [shell.join(" "), shell] as const))(
  "lvs-real on FreeBSD, %s",
  (_, [program = "", ...options]) => {
    const nodes: Scratch[] = []
    afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))
    const node = () => {
      const made = new Scratch(["dash"], "rc")
      nodes.push(made)
      made.write("double/sysctls", `${proxy}: 1\n`)
      return made
    }
    const call = (on: Scratch, verb: string) => {
      const input = script.replace("prior=/var", `prior=${on.root}/var`)
      const words = [...options, "-s", verb]
      const { status, stdout, stderr } = spawnSync(program, words, {
        input,
        encoding: "utf8",
        env: on.environment(),
      })
      return { status, lines: `${stdout}${stderr}`.trimEnd().split("\n") }
    }
    const before = "lo0 127.0.0.1/8\nlo0 ::1/128\nlo0 fe80::1/64\n"

    it("sets up the VIPs once, tells of them, and takes back all it did and no more", () => {
      const on = node()
      expect(call(on, "status")).toMatchObject({ status: 3 })
      for (const _time of [1, 2]) expect(call(on, "start")).toEqual({ status: 0, lines: [""] })
      expect(on.read("double/addresses")).toBe(`${before}lo0 192.0.2.10/32\nlo0 2001:db8::10/128\n`)
      expect(on.read("double/sysctls")).toBe(`${proxy}: 0\n`)
      expect(call(on, "status")).toEqual({
        status: 0,
        lines: [
          "ok       192.0.2.10/32 on lo0",
          "ok       2001:db8::10/128 on lo0",
          `ok       sysctl ${proxy}`,
          "ok       packets for any address of the host are taken",
        ],
      })
      expect(call(on, "stop")).toEqual({ status: 0, lines: [""] })
      expect(on.read("double/addresses")).toBe(before)
      expect(on.read("double/sysctls")).toBe(`${proxy}: 1\n`)
      expect(on.has("var/run/lvs-real.prior")).toBe(false)
    })

    it("sets up no VIP on a host that would go on answering ARP for it", () => {
      const on = node()
      on.write("double/sysctls", "net.other: 1\n")
      expect(call(on, "start").status).toBe(1)
      expect(on.read("double/addresses")).toBe(before)
    })

    it.each(["net.inet.ip.rfc1122_strong_es", "net.inet.ip.check_interface"])(
      "says where %s makes the kernel drop what is for the VIPs",
      (key) => {
        const on = node()
        on.write("double/sysctls", `${proxy}: 0\n${key}: 1\n`)
        expect(call(on, "start")).toMatchObject({
          status: 1,
          lines: [expect.stringContaining("packets for the VIPs are dropped")],
        })
        expect(call(on, "status").status).toBe(1)
      },
    )

    it("says what is missing", () => {
      const on = node()
      call(on, "start")
      on.write("double/addresses", `${before}lo0 192.0.2.10/32\n`)
      expect(call(on, "status")).toMatchObject({
        status: 1,
        lines: expect.arrayContaining(["MISSING  2001:db8::10/128 on lo0"]) as string[],
      })
    })
  },
)

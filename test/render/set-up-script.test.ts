import { describe, expect, it } from "vitest"
import { viewOn } from "../../src/compile/system.ts"
import { usualSystem } from "../../src/model/system.ts"
import { scriptSystems } from "../../src/model/system.ts"
import { setUpScript, unscriptable } from "../../src/render/set-up-script.ts"
import { bundleOf, contentOf, must, realserverView, role, shipped } from "./fixtures.ts"

const { roles, templates } = shipped()
const linux = viewOn(realserverView(), usualSystem)
const freebsd = viewOn(realserverView(), { ...usualSystem, init: "rc" })

describe("the script for Linux or FreeBSD", () => {
  it.each([
    ["linux", linux],
    ["freebsd", freebsd],
  ] as const)("is the lvs-real that the role writes: %s", (system, view) => {
    const script = must(setUpScript(view, system, roles, templates))
    expect(script).toBe(contentOf(bundleOf(view), "/usr/local/sbin/lvs-real"))
  })

  it("comes of the role alone, whatever else the host has", () => {
    const other = role(
      "broken",
      "description: x\napplies_to: { hosts: [rs1] }\nmodules: [{ name: '{{no}}' }]",
    )
    const made = setUpScript(linux, "linux", [...roles, other], templates)
    expect(made.ok).toBe(true)
  })

  it("is missed where a role of the user's has none", () => {
    const own = role("realserver", "description: x\napplies_to: { view: realserver }\nfiles: []")
    const made = setUpScript(linux, "linux", [own], templates)
    expect(made.ok ? [] : made.error.map(({ message }) => message)).toEqual([
      "the role realserver has no /usr/local/sbin/lvs-real",
    ])
  })
})

describe("the batch file for Windows", () => {
  const text = must(setUpScript(linux, "windows", roles, templates))
  const lines = text.split("\r\n")
  const section = (from: string, to: string) =>
    lines.slice(lines.indexOf(from) + 1, lines.indexOf(to)).filter((line) => line !== "")

  it("has lines that end in CR LF, in ASCII, for whatever code page reads it", () => {
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/)
    expect(text).toMatch(/^[\r\n\x20-\x7e]+\r\n$/)
  })

  it("looks for the interfaces, then adds each VIP", () => {
    expect(section(":start", ":stop")).toEqual([
      "if not defined lan goto usage",
      "call :interfaces",
      "if errorlevel 1 exit /b 4",
      "call :add ipv4 192.0.2.10",
      "call :add ipv6 2001:db8::10",
      "if defined failed exit /b 1",
      "exit /b 0",
    ])
  })

  it("takes each VIP away before it puts the weak host switches back", () => {
    expect(section(":stop", ":status").slice(3)).toEqual([
      "call :remove ipv4 192.0.2.10",
      "call :remove ipv6 2001:db8::10",
      "if defined weak_ipv4 call :weak ipv4 disabled",
      "if defined weak_ipv6 call :weak ipv6 disabled",
      "if defined failed exit /b 1",
      "exit /b 0",
    ])
  })

  it("has netsh do all of it, lastingly: a host route that is no source, and the weak host model", () => {
    expect(lines.filter((line) => line.startsWith("netsh ") && !line.includes(" show "))).toEqual([
      'netsh interface %1 set interface "%lan%" weakhostreceive=%2 store=persistent',
      'netsh interface %1 set interface "%LVS_LOOPBACK%" weakhostreceive=%2 weakhostsend=%2 store=persistent',
      'netsh interface %1 add address "%LVS_LOOPBACK%" %host% store=persistent skipassource=true',
      'netsh interface %1 delete address "%LVS_LOOPBACK%" %2',
    ])
    expect(lines).toContain('set "host=%2 255.255.255.255"')
    expect(lines).toContain('if "%1"=="ipv6" set "host=%2/128"')
  })

  it("adds no VIP where the switches could not be set, and none twice", () => {
    const add = section(":add", ":remove")
    const at = (line: string) => add.findIndex((one) => one.startsWith(line))
    const order = ["if not defined weak_%1 call :weak %1 enabled", "if defined failed exit /b 1"]
    const places = [...order, "call :has %1 %2", "if not errorlevel 1 exit /b 0", "netsh "].map(at)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  it("goes and calls only where there is a label", () => {
    const labels = lines.flatMap((line) => /^:(\w+)$/.exec(line)?.[1] ?? [])
    const wanted = lines
      .filter((line) => !line.startsWith("rem "))
      .flatMap((line) => /\b(?:goto |call :)(\w+)/.exec(line)?.[1] ?? [])
    expect(new Set(wanted)).toEqual(new Set(labels))
    expect(labels).toHaveLength(new Set(labels).size)
  })

  it("reads no word of netsh's but addresses, since they differ by language", () => {
    expect(text).not.toMatch(/find(str)?\b/)
    expect(lines.filter((line) => line.startsWith("for "))).toEqual([
      `for /f "delims=" %%l in ('netsh interface %1 show addresses "%LVS_LOOPBACK%" 2^>nul') do call :words %2 %%l`,
    ])
  })

  it("may be replaced by a template of the user's, whatever its lines end in", () => {
    const own = { text: "@echo {{host}}\r\nexit /b 0\n" }
    const replaced = { ...templates, "realserver/lvs-real.cmd.hbs": own }
    expect(must(setUpScript(linux, "windows", roles, replaced))).toBe("@echo rs1\r\nexit /b 0\r\n")
    const wrong = { ...templates, "realserver/lvs-real.cmd.hbs": { text: "{{no}}" } }
    const made = setUpScript(linux, "windows", roles, wrong)
    expect(made.ok ? [] : made.error.map(({ rule }) => rule)).toEqual(["template-name"])
  })
})

describe("a real server that no script sets up", () => {
  it("gets packets by tunnel and runs no Linux, or by gue", () => {
    const reasons = (tunnels: readonly ("ipip" | "gue")[]) => {
      const gueSockets = tunnels.includes("gue") ? [{ port: 6080, family: 4 } as const] : []
      return scriptSystems.map((system) => unscriptable({ vips: [], tunnels, gueSockets }, system))
    }
    expect(reasons([])).toEqual([undefined, undefined, undefined])
    expect(reasons(["ipip"])).toEqual([
      undefined,
      "gets packets by tunnel (ipip), which a script for freebsd does not set up",
      "gets packets by tunnel (ipip), which a script for windows does not set up",
    ])
    expect(reasons(["gue"])[0]).toContain("gue, whose UDP sockets are services of their own")
  })
})

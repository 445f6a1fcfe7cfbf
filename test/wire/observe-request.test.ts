import { describe, expect, it } from "vitest"
import {
  changesBelow,
  isAnswered,
  observeScript,
  observeText,
} from "../../src/wire/observe-request.ts"
import { observed } from "../plan/fixtures.ts"

const request = {
  files: [{ path: "/etc/motd", sha256: "-" }],
  sysctls: ["net.ipv4.ip_forward"],
  modules: ["ip_vs"],
  units: ["web@1.service"],
  commands: ["keepalived"],
  runtime: true,
  ipvs: true,
}

const reading = "want() { :; } # kept\n"

describe("observeScript", () => {
  it("is the reading half of the script without its comments", () => {
    const script = `#!/bin/sh\n# words\n${reading}\n${changesBelow}\nrm -rf /\n`
    expect(observeScript(script)).toBe(reading)
  })
})

describe("observeText", () => {
  it("is the reading half of the script, and the request", () => {
    expect(observeText(reading, request)).toEqual({
      ok: true,
      value: `${reading}want file - /etc/motd
want sysctl net.ipv4.ip_forward
want module ip_vs
want unit web@1.service
want command keepalived
want runtime
want ipvs
observe
`,
    })
  })

  it.each(["/etc/a b", "$(id)", "a;b", ""])("refuses to ask for %j", (path) => {
    expect(observeText("", { ...request, files: [{ path, sha256: "-" }] })).toMatchObject({
      ok: false,
      error: { rule: "wire-word" },
    })
  })
})

describe("isAnswered", () => {
  const [theirs, ours] = ["a".repeat(64), "b".repeat(64)]
  const asked = { ...request, files: [{ path: "/etc/motd", sha256: ours }] }
  const answered = observed({
    files: { "/etc/motd": { sha256: theirs, content: "x" } },
    sysctls: { "net.ipv4.ip_forward": undefined },
    modules: { ip_vs: "loaded" },
    units: { "web@1.service": { exists: false, enabled: false, running: false } },
    commands: { keepalived: false },
  })

  it("is so when everything was told, be it that it is not there", () => {
    expect(isAnswered(asked, answered)).toBe(true)
    expect(isAnswered(asked, { ...answered, files: { "/etc/motd": {} } })).toBe(true)
    expect(isAnswered(asked, { ...answered, files: { "/etc/motd": { sha256: ours } } })).toBe(true)
  })

  it("is not when something was not looked at, or a file came without the content to compare", () => {
    expect(isAnswered(asked, { ...answered, files: { "/etc/motd": { sha256: theirs } } })).toBe(
      false,
    )
    for (const part of ["files", "sysctls", "modules", "units", "commands"])
      expect(isAnswered(asked, { ...answered, [part]: {} })).toBe(false)
  })
})

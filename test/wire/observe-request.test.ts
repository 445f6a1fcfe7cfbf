import { describe, expect, it } from "vitest"
import { changesBelow, observeScript, observeText } from "../../src/wire/observe-request.ts"

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

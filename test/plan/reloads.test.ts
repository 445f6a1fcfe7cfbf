import { describe, expect, it } from "vitest"
import type { Operation } from "../../src/model/plan.ts"
import { withReloads } from "../../src/plan/reloads.ts"

const put = (path: string): Operation => ({
  op: "file",
  path,
  sha256: "a".repeat(64),
  prior: "-",
  mode: "0644",
  owner: "root:root",
})
const gone = (path: string): Operation => ({ op: "file-remove", path, prior: "b".repeat(64) })
const start: Operation = { op: "unit-start", name: "web.service" }

const words = (operations: readonly Operation[]) =>
  withReloads(operations).map((one) => ("name" in one ? `${one.op} ${one.name}` : one.op))

describe("withReloads()", () => {
  it("tells systemd once, after the last unit file, come or gone, and before a unit", () => {
    const [first, last] = ["/etc/systemd/system/a.service", "/etc/systemd/system/b.service"]
    expect(words([put(first), put("/etc/motd"), gone(last), start])).toEqual([
      "file",
      "file",
      "file-remove",
      "run daemon-reload",
      "unit-start web.service",
    ])
  })

  it("tells systemd-networkd of its own files, and both where both have some", () => {
    const [drop, unit] = ["/etc/systemd/network/lo.network.d/x.conf", "/etc/systemd/system/a.path"]
    expect(words([put(unit), gone(drop)])).toEqual([
      "file",
      "run daemon-reload",
      "file-remove",
      "run networkd-reload",
    ])
  })

  it("tells nobody of other files", () => {
    expect(words([put("/etc/motd"), start])).toEqual(["file", "unit-start web.service"])
  })
})

import { describe, expect, it } from "vitest"
import { sha256 } from "../../src/core/digest.ts"
import { planFileRemovals, planFiles } from "../../src/plan/files.ts"
import { bundle, observed } from "./fixtures.ts"

const file = { path: "/etc/x.conf", mode: "0644", owner: "root:root", content: "a\n", notify: [] }

describe("planFiles()", () => {
  it("creates what is missing", () => {
    const [planned] = planFiles(bundle({ files: [file] }), observed())
    expect(planned?.change).toMatchObject({ action: "add", meaning: "new, 1 line" })
    expect(planned?.operation).toMatchObject({ op: "file", prior: "-", sha256: sha256("a\n") })
  })

  it("repairs an edited file and remembers what it replaces, for compare and swap", () => {
    const now = observed({
      files: {
        "/etc/x.conf": { sha256: sha256("b\n"), mode: "0644", owner: "root:root", content: "b\n" },
      },
    })
    const [planned] = planFiles(bundle({ files: [file] }), now)
    expect(planned?.change).toMatchObject({ action: "edit", before: "b\n", after: "a\n" })
    expect(planned?.change.meaning).toContain("lbctl did not write")
    expect(planned?.operation).toMatchObject({ prior: sha256("b\n") })
  })

  it("repairs mode and owner alone", () => {
    const now = observed({
      files: { "/etc/x.conf": { sha256: sha256("a\n"), mode: "0600", owner: "root:root" } },
    })
    expect(
      planFiles(bundle({ files: [file] }), now).map((planned) => planned.change.meaning),
    ).toEqual(["mode 0600 -> 0644"])
  })

  it("finds nothing when nothing differs", () => {
    const now = observed({
      files: { "/etc/x.conf": { sha256: sha256("a\n"), mode: "0644", owner: "root:root" } },
    })
    expect(planFiles(bundle({ files: [file] }), now)).toEqual([])
  })
})

describe("planFileRemovals()", () => {
  it("removes a file of the confirmed release that the bundle lost, if it is there", () => {
    const owned = {
      files: ["/etc/x.conf", "/etc/gone.conf"],
      sysctls: [],
      addresses: [],
      units: [],
      linksUp: [],
    }
    const now = observed({
      owned,
      files: { "/etc/x.conf": { sha256: "1234" }, "/etc/gone.conf": {} },
    })
    expect(planFileRemovals(bundle(), now).map((planned) => planned.operation)).toEqual([
      { op: "file-remove", path: "/etc/x.conf", prior: "1234" },
    ])
  })
})

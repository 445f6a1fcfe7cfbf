import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { earlyChecks } from "../../src/plan/doctor/early.ts"
import { checks, unreachableFinding } from "../../src/plan/doctor/diagnose.ts"

describe("docs/doctor.md", () => {
  it("has a row for every check, in order, in the check's own words", () => {
    const text = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8")
    const rows = text.split("\n").filter((line) => /^\| [A-Z]\d\d \|/.test(line))
    const { id, severity, why } = unreachableFinding({ host: "", message: "" })
    expect(rows).toEqual([
      ...checks.map(
        (check) => `| ${check.id} | ${check.severity} | ${check.looksAt} | ${check.why} |`,
      ),
      `| ${id} | ${severity} | whether the host can be looked at | ${why} |`,
    ])
    expect(text).toContain(`${checks.length} checks on`)
  })

  it("names the checks that a plan makes as well", () => {
    const text = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8")
    const [, section = ""] = /## Before every apply\n([^]*?)\n## /.exec(text) ?? []
    expect(section.match(/\b[A-Z]\d\d\b/g)).toEqual(earlyChecks.map(({ id }) => id))
  })
})

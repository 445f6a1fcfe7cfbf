import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { selectHosts } from "../../src/cli/limit.ts"
import { folder } from "./repository.ts"

const at = { file: "hosts.yml", line: 1, column: 1 }
const names = ["lb1", "lb2", "rs1", "rs10"]
const known = {
  hosts: names.map((name) => ({ name, at, groups: [], vars: {}, varAt: {} })),
  groups: { all: names, lb: ["lb1", "lb2"], web: ["rs1", "rs10"] },
}

function selected(pattern?: string, currentFolder = "."): string[] {
  const result = selectHosts(pattern, { known, folder: "prod", currentFolder })
  return result.ok
    ? [...result.value]
    : result.error.map((problem) => `${problem.message}; ${problem.hint ?? ""}`)
}

describe("selectHosts()", () => {
  it("takes all hosts without a pattern", () => {
    expect(selected()).toEqual(names)
  })

  it("takes Ansible's patterns", () => {
    expect(selected("rs*:lb:!lb2")).toEqual(["rs1", "rs10", "lb1"])
  })

  it("takes an empty pattern for a mistake, never for all hosts", () => {
    for (const pattern of ["", " ", ",", " ,: "])
      expect(selected(pattern)).toEqual([
        "--limit is empty; name hosts or groups, or leave --limit out for all hosts",
      ])
  })

  it("refuses an empty choice", () => {
    expect(selected("lb1,!lb")).toEqual([
      "--limit lb1,!lb leaves no host; its parts match hosts, but none passes all of & and !; one of them leaves out what another chooses",
    ])
  })
})

describe("--limit @FILE", () => {
  it("reads terms, one a line, without comments and blank lines", () => {
    const cwd = folder()
    writeFileSync(join(cwd, "some"), "# chosen by hand\r\nrs10\r\n\r\n  lb*\n!lb2\n")
    expect(selected("@some", cwd)).toEqual(["rs10", "lb1"])
    expect(selected("@some,rs1:!rs10", cwd)).toEqual(["lb1", "rs1"])
  })

  it("reads the hosts that the last run failed on from beside clusters.yml", () => {
    const cwd = folder()
    mkdirSync(join(cwd, "prod/.lbctl"), { recursive: true })
    writeFileSync(join(cwd, "prod/.lbctl/failed"), "# 2026-01-01 lbctl apply\nrs1\n")
    expect(selected("@failed", cwd)).toEqual(["rs1"])
    expect(selected("web:!rs10:&@failed", cwd).at(0)).toMatch(/^--limit: &@failed matches no host/)
  })

  it("tells what is missing, empty or unknown", () => {
    const cwd = folder()
    writeFileSync(join(cwd, "blank"), "\n# nobody\n")
    writeFileSync(join(cwd, "old"), "rs2\nrs1\n")
    expect(selected("@blank", cwd)).toEqual([
      "--limit @blank: blank names no host; write host or group names into it, one a line",
    ])
    expect(selected("@old", cwd)).toEqual([
      "--limit: rs2 matches no host or group; did you mean rs1?",
    ])
    expect(selected("@none,@failed", cwd)).toEqual([
      "--limit @none: there is no file none; the file is looked for from the folder lbctl runs in; it holds names, one a line",
      "--limit @failed: there is no file prod/.lbctl/failed; no run on this inventory has failed since the last that went well; a file of your own by that name is @./failed",
    ])
    expect(selected("@.", cwd)[0]).toContain("it is a folder")
  })
})

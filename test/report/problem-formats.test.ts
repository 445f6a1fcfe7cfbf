import { describe, expect, it } from "vitest"
import { codeQuality } from "../../src/report/code-quality.ts"
import { noticeCommand, problemCommand } from "../../src/report/github.ts"
import { problemTable } from "../../src/report/problem-table.ts"

const at = { file: "inventories/prod/a,b:c.yml", line: 7, column: 3 }
const problem = { rule: "vip-family", message: "100% wrong\nreally", hint: "do: this, that", at }

describe("problemCommand()", () => {
  it("is a workflow command with its place, escaped as GitHub unescapes it", () => {
    expect(problemCommand(problem)).toBe(
      "::error file=inventories/prod/a%2Cb%3Ac.yml,line=7,col=3,title=vip-family::100%25 wrong%0Areally%0Ado: this, that",
    )
  })

  it("needs no place, and knows warnings", () => {
    expect(problemCommand({ rule: "limit", message: "is empty", severity: "warning" })).toBe(
      "::warning title=limit::is empty",
    )
    expect(noticeCommand("error", "a: b", "c\r")).toBe("::error title=a%3A b::c%0D")
  })
})

describe("codeQuality()", () => {
  it("has what GitLab wants of a finding", () => {
    expect(
      codeQuality([problem, { rule: "limit", message: "x", severity: "warning" }], "here"),
    ).toEqual([
      {
        description: "100% wrong\nreally (do: this, that)",
        check_name: "vip-family",
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        severity: "major",
        location: { path: at.file, lines: { begin: 7 } },
      },
      {
        description: "x",
        check_name: "limit",
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        severity: "minor",
        location: { path: "here", lines: { begin: 1 } },
      },
    ])
  })

  it("gives the same finding the same fingerprint after an edit further up, and every finding its own", () => {
    const prints = (line: number) =>
      codeQuality([{ ...problem, at: { ...at, line } }, problem], "").map((one) => one.fingerprint)
    expect(prints(7)).toEqual(prints(70))
    expect(new Set(prints(7)).size).toBe(2)
  })
})

describe("problemTable()", () => {
  it("is a table whose cells nothing breaks", () => {
    expect(problemTable([{ ...problem, message: "a | b\nc" }]).split("\n")[4]).toBe(
      "| inventories/prod/a,b:c.yml:7 | error | a \\| b c<br>do: this, that | vip-family |",
    )
  })
})

import { describe, expect, it } from "vitest"
import { formatProblem, hasErrors, sortProblems } from "../../src/core/problem.ts"

const place = (line: number): { file: string; line: number; column: number } => ({
  file: "clusters.yml",
  line,
  column: 3,
})

describe("formatProblem()", () => {
  it("names place, message, rule and cure", () => {
    expect(
      formatProblem({
        rule: "vip-twice",
        message: "VIP 192.0.2.10 is used twice",
        at: place(4),
        hint: "give each service its own",
      }),
    ).toBe(
      "clusters.yml:4:3: error: VIP 192.0.2.10 is used twice [vip-twice]\n    give each service its own",
    )
  })
})

describe("sortProblems()", () => {
  it("goes by place", () => {
    const problems = [3, 1, 2].map((line) => ({ rule: "r", message: "m", at: place(line) }))
    expect(sortProblems(problems).map((problem) => problem.at?.line)).toEqual([1, 2, 3])
  })
})

describe("hasErrors()", () => {
  it("does not count warnings", () => {
    expect(hasErrors([{ rule: "r", message: "m", severity: "warning" }])).toBe(false)
    expect(hasErrors([{ rule: "r", message: "m" }])).toBe(true)
  })
})

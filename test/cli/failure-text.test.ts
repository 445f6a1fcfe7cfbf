import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { failureText, stackOf } from "../../src/cli/failure-text.ts"
import { Failure } from "../../src/core/failure.ts"

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (thrown) {
    return thrown
  }
}

describe("what ended a command", () => {
  it("is told with its host and the next step", () => {
    const failure = new Failure("failed", "no space left", { host: "rs1", hint: "make room" })
    expect(failureText(failure)).toBe("lbctl: rs1: no space left\n    make room")
    expect(failureText(new Failure("failed", "no"))).toBe("lbctl: no")
  })

  it("speaks for itself when the operating system said it", () => {
    const thrown = thrownBy(() => readFileSync("/nowhere/at/all"))
    expect(failureText(thrown)).toBe(
      "lbctl: ENOENT: no such file or directory, open '/nowhere/at/all'",
    )
  })

  it("is called a defect when nobody expected it, and its stack is for LBCTL_DEBUG alone", () => {
    const thrown = thrownBy(() => (undefined as unknown as string).length)
    expect(failureText(thrown)).toContain("LBCTL_DEBUG=1")
    expect(failureText(thrown)).not.toContain("    at ")
    expect(stackOf(thrown)).toContain("    at ")
    expect(stackOf(new Failure("failed", "no", { cause: thrown }))).toContain("TypeError")
    expect(failureText("text")).toContain("lbctl: text\n")
  })
})

import { describe, expect, it } from "vitest"

import { exitCode, outcomeOf, worst } from "../../src/push/outcome.ts"

describe("exitCode", () => {
  it.each([
    [[], 0],
    [["changed", "unchanged"], 0],
    [["failed", "skipped"], 1],
    [["failed", "changed"], 1],
    [["unreachable", "changed"], 4],
    [["stale", "skipped"], 5],
    [["locked", "unchanged"], 6],
    [["reverted", "skipped"], 7],
    [["reverted", "failed"], 1],
    [["reverted", "changed", "skipped"], 8],
  ] as const)("of %j is %i", (outcomes, code) => expect(exitCode(outcomes, false)).toBe(code))

  it("is 130 for any outcome of an interrupted run", () =>
    expect(exitCode(["changed", "skipped"], true)).toBe(130))
})

describe("outcomes", () => {
  it("follow the failure", () => {
    expect(outcomeOf("locked")).toBe("locked")
    expect(outcomeOf("input")).toBe("failed")
  })
  it("of a host with two phases are the worse one", () => {
    expect(worst(["changed", "reverted"])).toBe("reverted")
    expect(worst(["changed", "skipped"])).toBe("changed")
  })
})

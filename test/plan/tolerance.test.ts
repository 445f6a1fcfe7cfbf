import { describe, expect, it } from "vitest"
import type { Plan } from "../../src/model/plan.ts"
import { defaultPolicy, type RolloutChoice } from "../../src/model/rollout.ts"
import { toleratesUnreachable } from "../../src/plan/tolerance.ts"

const clusterOf = (host: string) => host.slice(0, 1)

function tolerates(
  silent: readonly string[],
  choice: RolloutChoice = {},
  percent: Readonly<Record<string, number>> = {},
): boolean {
  const plan: Plan = {
    hosts: [],
    unchanged: ["a1", "a2", "a3", "b1"].filter((host) => !silent.includes(host)),
    unreachable: silent.map((host) => ({ host, message: "does not answer" })),
    blocked: [],
    guards: [],
    warnings: [],
  }
  const clusters = new Map(
    Object.entries(percent).map(([name, value]) => [
      name,
      { ...defaultPolicy, maxFail: { percent: value } },
    ]),
  )
  return toleratesUnreachable(plan, clusterOf, { clusters, choice })
}

describe("a rollout without hosts that cannot be reached", () => {
  it("does not begin unless a limit says otherwise", () => {
    expect(tolerates([])).toBe(true)
    expect(tolerates(["a1"])).toBe(false)
  })

  it("begins within the limit of their cluster", () => {
    expect(tolerates(["a1"], {}, { a: 34 })).toBe(true)
    expect(tolerates(["a1", "a2"], {}, { a: 34 })).toBe(false)
    expect(tolerates(["a1", "b1"], {}, { a: 34 })).toBe(false)
  })

  it("begins within the command line's limit for all of them", () => {
    expect(tolerates(["a1", "b1"], { maxFail: { hosts: 2 } })).toBe(true)
    expect(tolerates(["a1", "b1"], { maxFail: { hosts: 1 } })).toBe(false)
    expect(tolerates(["a1", "b1"], { maxFail: { percent: 50 } })).toBe(true)
    expect(tolerates(["a1", "b1"], { maxFail: { percent: 49 } })).toBe(false)
  })

  it("never begins without any host", () => {
    expect(tolerates(["a1", "a2", "a3", "b1"], { maxFail: { percent: 100 } })).toBe(false)
  })
})

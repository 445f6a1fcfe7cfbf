import { describe, expect, it } from "vitest"
import {
  latenessBoundsMs,
  latenessClass,
  latenessWarning,
  latenessWithin,
  noLateness,
} from "../../../src/agent/decide/lateness.ts"

function lateness(...lateMs: readonly number[]): number[] {
  const counts = noLateness()
  for (const ms of lateMs) counts[latenessClass(ms)] = (counts[latenessClass(ms)] ?? 0) + 1
  return counts
}

describe("lateness", () => {
  it("is counted in the first class that holds it", () => {
    expect([0, 1, 1.5, 200, 200.1, 5000, 5001].map(latenessClass)).toEqual([0, 0, 1, 7, 8, 11, 12])
  })

  it("is told by the bound that a share of the checks kept", () => {
    const counts = lateness(...Array.from({ length: 99 }, () => 3), 4000)
    expect(latenessWithin(counts, 0.99)).toBe(5)
    expect(latenessWithin(counts, 1)).toBe(5000)
    expect(latenessWithin(lateness(9000), 0.5)).toBe(Number.POSITIVE_INFINITY)
    expect(latenessWithin(noLateness(), 0.99)).toBe(0)
  })

  it("is worth a warning when one check in a hundred is over a second late", () => {
    const punctual = Array.from({ length: 98 }, () => 0)
    expect(latenessWarning(lateness(...punctual, 0, 9000))).toBeUndefined()
    expect(latenessWarning(lateness(...punctual, 1500, 1500))).toMatch(
      /one in a hundred by up to 2s/,
    )
    expect(latenessWarning(lateness(...punctual, 9000, 9000))).toMatch(/by more than 5s/)
    expect(latenessWarning(noLateness())).toBeUndefined()
    expect(latenessBoundsMs).toContain(1000)
  })
})

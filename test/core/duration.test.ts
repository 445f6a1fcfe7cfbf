import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatDuration, parseDuration } from "../../src/core/duration.ts"

describe("parseDuration()", () => {
  it("wants a unit", () => {
    expect(parseDuration("1.5s")).toBe(1500)
    expect(parseDuration("250ms")).toBe(250)
    expect(parseDuration("2m")).toBe(120_000)
    for (const text of ["5", "s", "-1s", "1 s", "1s ", "1S"])
      expect(parseDuration(text)).toBeUndefined()
  })

  it("reads back what formatDuration() wrote, to a tenth of a second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (milliseconds) => {
        const back = parseDuration(formatDuration(milliseconds))
        expect(Math.abs((back ?? Number.NaN) - milliseconds)).toBeLessThanOrEqual(50)
      }),
    )
  })
})

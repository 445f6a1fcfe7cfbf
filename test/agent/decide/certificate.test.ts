import { describe, expect, it } from "vitest"
import { certificateOutcome } from "../../../src/agent/decide/certificate.ts"

const day = 86_400_000
const days = { warn: 30, fail: 3 }

describe("certificateOutcome", () => {
  it("says nothing while there are days enough", () => {
    expect(certificateOutcome(days, 30 * day)).toBeUndefined()
    expect(certificateOutcome({ warn: 1 }, day)).toBeUndefined()
  })

  it("warns, then fails, at fewer days than were asked for", () => {
    expect(certificateOutcome(days, 30 * day - 1)).toEqual({
      ok: true,
      message: "certificate expires in 29 days",
    })
    expect(certificateOutcome(days, 3 * day)?.ok).toBe(true)
    expect(certificateOutcome(days, 3 * day - 1)).toEqual({
      ok: false,
      message: "certificate expires in 2 days",
    })
  })

  it("fails an expired one for fail: 0, and only warns of it without fail", () => {
    expect(certificateOutcome({ fail: 0 }, 0)).toBeUndefined()
    expect(certificateOutcome({ fail: 0 }, -day)).toEqual({
      ok: false,
      message: "certificate expired 1 day ago",
    })
    expect(certificateOutcome({ warn: 0 }, -2 * day)?.ok).toBe(true)
  })

  it("fails one whose end can't be read", () => {
    expect(certificateOutcome(days, Number.NaN)?.ok).toBe(false)
  })
})

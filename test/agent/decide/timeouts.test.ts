import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { stepTimeouts } from "../../../src/agent/decide/timeouts.ts"

const seconds = fc.integer({ min: 1, max: 2_678_400 })
const full = fc.record({ tcp: seconds, tcpFin: seconds, udp: seconds })
const partial = fc.record({ tcp: seconds, tcpFin: seconds, udp: seconds }, { requiredKeys: [] })

describe("stepTimeouts", () => {
  it("writes only what differs, and remembers what was there before", () => {
    const actual = { tcp: 900, tcpFin: 120, udp: 300 }
    expect(stepTimeouts({ tcp: 600, udp: 300 }, actual, {})).toEqual({
      set: { tcp: 600 },
      prior: { tcp: 900, udp: 300 },
    })
  })

  it("remembers the first value over later ones", () => {
    const actual = { tcp: 600, tcpFin: 120, udp: 300 }
    expect(stepTimeouts({ tcp: 700 }, actual, { tcp: 900 }).prior).toEqual({ tcp: 900 })
  })

  it("brings the kernel back to where it began, whatever was wanted on the way", () => {
    fc.assert(
      fc.property(full, fc.array(partial), (start, wishes) => {
        let actual = start
        let prior = {}
        for (const wish of [...wishes, {}]) {
          const step = stepTimeouts(wish, actual, prior)
          actual = { ...actual, ...step.set }
          prior = step.prior
          expect(actual).toMatchObject(wish)
        }
        expect(actual).toEqual(start)
        expect(prior).toEqual({})
      }),
    )
  })
})

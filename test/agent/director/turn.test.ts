import { describe, expect, it } from "vitest"
import { Turn } from "../../../src/agent/director/turn.ts"

/** A turn of at least 100 ms and a tenth of the time, whose work takes `costMs`; the times of 0 to `untilMs` at which it worked. */
function worked(costMs: number, untilMs: number): number[] {
  let nowMs = 0
  const times: number[] = []
  const turn = new Turn(() => nowMs, { leastMs: 100, share: 10 })
  for (; nowMs <= untilMs; nowMs += 50)
    turn.take(nowMs, () => {
      times.push(nowMs)
      nowMs += costMs
    })
  return times
}

describe("work that has its turn", () => {
  it("comes at its pace when it costs little", () => {
    expect(worked(0, 400)).toEqual([0, 100, 200, 300, 400])
  })

  it("comes less often when it takes long: one part in ten of the time", () => {
    expect(worked(50, 1200)).toEqual([0, 500, 1000])
  })

  it("waits for its turn after it failed, too", () => {
    const turn = new Turn(() => 0, { leastMs: 100, share: 10 })
    const fail = () => {
      throw new Error("no kernel")
    }
    expect(() => turn.take(0, fail)).toThrow("no kernel")
    turn.take(50, fail)
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { DueQueue } from "../../../src/agent/probe/due-queue.ts"

describe("DueQueue", () => {
  it("gives items out in the order they are due", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), (times) => {
        const queue = new DueQueue<number>()
        for (const time of times) queue.push(time, time)
        const out = times.map(() => queue.pop(100)?.item)
        expect(out).toEqual([...times].sort((a, b) => a - b))
        expect(queue.size).toBe(0)
      }),
    )
  })

  it("keeps what is not due yet", () => {
    const queue = new DueQueue<string>()
    queue.push(10, "later")
    expect(queue.pop(9)).toBeUndefined()
    expect(queue.nextMs).toBe(10)
    expect(queue.pop(10)).toEqual({ dueMs: 10, item: "later" })
    expect(queue.nextMs).toBeUndefined()
  })
})

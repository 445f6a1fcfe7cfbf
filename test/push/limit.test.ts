import { setTimeout as sleep } from "node:timers/promises"

import { describe, expect, it } from "vitest"

import { limit } from "../../src/push/limit.ts"

describe("limit", () => {
  it("never runs more than its number at once, and all in order of asking", async () => {
    const atMost = limit(3)
    let running = 0
    let most = 0
    const started: number[] = []
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        atMost(async () => {
          started.push(index)
          most = Math.max(most, ++running)
          await sleep(index % 4)
          running--
        }),
      ),
    )
    expect(most).toBe(3)
    expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })

  it("goes on after a task that failed", async () => {
    const one = limit(1)
    await expect(one(() => Promise.reject(new Error("no")))).rejects.toThrow("no")
    expect(await one(() => Promise.resolve(1))).toBe(1)
  })
})

import { setTimeout as sleep } from "node:timers/promises"

import { describe, expect, it } from "vitest"

import { coalesce } from "../../src/push/coalesce.ts"

describe("coalesce", () => {
  it("asks together what came while a question was under way", async () => {
    const asked: (readonly string[])[] = []
    const ask = coalesce(async (keys) => {
      asked.push(keys)
      await sleep(5)
      return keys.length
    })
    const first = ask(["a"])
    await sleep(1)
    const others = [ask(["b"]), ask(["c", "b"])]
    expect(await first).toBe(1)
    expect(await Promise.all(others)).toEqual([2, 2])
    expect(asked).toEqual([["a"], ["b", "c"]])
  })

  it("asks again after a question that failed", async () => {
    let count = 0
    const ask = coalesce(() =>
      count++ === 0 ? Promise.reject(new Error("no")) : Promise.resolve(1),
    )
    await expect(ask(["a"])).rejects.toThrow("no")
    expect(await ask(["a"])).toBe(1)
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseList, processorsFor } from "./lib/cpus.ts"

describe("the processors of a lab's kernels", () => {
  it.each([
    ["0", [0]],
    ["0-3,8", [0, 1, 2, 3, 8]],
    ["5,7-8", [5, 7, 8]],
  ])("reads the list %s", (list, numbers) => {
    expect(parseList(list)).toEqual(numbers)
  })

  it("are shared out evenly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (count) => {
        const uses = new Map<number, number>()
        for (const cpu of processorsFor(count)) uses.set(cpu, (uses.get(cpu) ?? 0) + 1)
        const counts = [...uses.values()]
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

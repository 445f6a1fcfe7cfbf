import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { diffByKey } from "../../src/core/keyed-diff.ts"

interface Item {
  readonly key: string
  readonly value: number
}

const items = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom("a", "b", "c", "d", "e"),
    value: fc.integer({ min: 0, max: 2 }),
  }),
  {
    selector: (item) => item.key,
  },
)

function diff(
  wanted: readonly Item[],
  actual: readonly Item[],
): ReturnType<typeof diffByKey<Item>> {
  return diffByKey(
    wanted,
    actual,
    (item) => item.key,
    (a, b) => a.value === b.value,
  )
}

describe("diffByKey()", () => {
  it("finds nothing between equal lists", () => {
    fc.assert(
      fc.property(items, (list) => {
        expect(diff(list, list)).toEqual({ add: [], edit: [], remove: [] })
      }),
    )
  })

  it("turns actual into wanted", () => {
    fc.assert(
      fc.property(items, items, (wanted, actual) => {
        const { add, edit, remove } = diff(wanted, actual)
        const result = new Map<string, number>(actual.map((item) => [item.key, item.value]))
        for (const item of remove) result.delete(item.key)
        for (const item of [...add, ...edit.map((change) => change.after)])
          result.set(item.key, item.value)
        expect(Object.fromEntries(result)).toEqual(
          Object.fromEntries(wanted.map((item) => [item.key, item.value])),
        )
      }),
    )
  })
})

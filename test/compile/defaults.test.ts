import { describe, expect, it } from "vitest"
import { defaultPriority } from "../../src/compile/defaults.ts"

describe("default priorities", () => {
  it.each([1, 2, 15, 16, 40, 150])("of %i directors are distinct and within 1 to 254", (count) => {
    const priorities = Array.from({ length: count }, (_, index) => defaultPriority(index, count))
    expect(new Set(priorities).size).toBe(count)
    expect(Math.min(...priorities)).toBeGreaterThanOrEqual(1)
    expect(priorities[0]).toBe(150)
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { batchSize, formatShare, parseShare } from "../../src/core/share.ts"

describe("a share of hosts", () => {
  it.each(["0", "1", "25", "0%", "100%"])("reads %s and writes it the same", (text) => {
    const share = parseShare(text)
    expect(share === undefined ? undefined : formatShare(share)).toBe(text)
  })

  it.each(["", "%", "-1", "1.5", "101%", "ten", "1 %", "0x2"])("does not take %j", (text) => {
    expect(parseShare(text)).toBeUndefined()
  })

  it.each([
    ["2", 10, 2],
    ["30%", 10, 3],
    ["25%", 10, 2],
    ["1%", 10, 1],
    ["100%", 7, 7],
  ])("makes %s of %i hosts a batch of %i", (text, total, size) => {
    expect(batchSize(parseShare(text) ?? { hosts: 0 }, total)).toBe(size)
  })

  it("is at least one host", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(1000), (percent, total) => {
        expect(batchSize({ percent }, total)).toBeGreaterThanOrEqual(1)
      }),
    )
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { beginsWith, parseBytes, shownBytes } from "../../src/core/bytes.ts"

describe("bytes", () => {
  it("are written as text or in hexadecimal", () => {
    expect(parseBytes("é\r\n")).toEqual(Uint8Array.of(0xc3, 0xa9, 13, 10))
    expect(parseBytes("hex:00fFa1")).toEqual(Uint8Array.of(0, 255, 0xa1))
    expect(parseBytes("")).toEqual(new Uint8Array())
  })

  it("are shown as text where that can be read, and not at length", () => {
    expect(shownBytes(parseBytes("220 mx\r\n"))).toBe('"220 mx\\r\\n"')
    expect(shownBytes(Uint8Array.of(0, 255))).toBe("hex:00ff")
    expect(shownBytes(parseBytes("x".repeat(99)))).toBe(`"${"x".repeat(32)}"...`)
  })

  it("begin with their own beginnings and no others", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, cut) => {
        const start = bytes.subarray(0, cut % (bytes.length + 1))
        expect(beginsWith(bytes, start)).toBe(true)
        expect(beginsWith(bytes, Uint8Array.of(...bytes, 1))).toBe(false)
        const other = Uint8Array.from(bytes)
        other[0] = ((bytes[0] ?? 0) + 1) & 0xff
        expect(beginsWith(bytes, other)).toBe(false)
      }),
    )
  })
})

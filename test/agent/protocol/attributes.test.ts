import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AttributeReader } from "../../../src/agent/protocol/attribute-reader.ts"
import { AttributeWriter } from "../../../src/agent/protocol/attribute-writer.ts"
import { bytesOf, hexOf } from "./hex.ts"

describe("AttributeWriter", () => {
  it.each([
    ["u8, padded", (w: AttributeWriter) => w.u8(13, 1), "05000d0001000000"],
    ["u16 in host order, padded", (w: AttributeWriter) => w.u16(1, 2), "0600010002000000"],
    ["u16 in network order", (w: AttributeWriter) => w.u16be(4, 443), "0600040001bb0000"],
    ["u32 in host order", (w: AttributeWriter) => w.u32(8, 50), "0800080032000000"],
    ["u32 in network order", (w: AttributeWriter) => w.u32be(9, 0xffffff00), "08000900ffffff00"],
    ["a string with its NUL", (w: AttributeWriter) => w.string(6, "mh"), "070006006d680000"],
    [
      "a nest with its flag, and what follows it",
      (w: AttributeWriter) => w.nest(1, (inner) => inner.u8(2, 3).u8(4, 5)).u8(6, 7),
      "1400018005000200030000000500040005000000" + "0500060007000000",
    ],
  ])("writes %s", (_, write, hex) => {
    expect(hexOf(write(new AttributeWriter()).finish())).toBe(hex)
  })
})

describe("AttributeReader", () => {
  it("gives back what was written, at any size", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 0x3fff }), fc.uint8Array()), {
          selector: ([type]) => type,
        }),
        (list) => {
          const writer = new AttributeWriter()
          for (const [type, value] of list) writer.bytes(type, value)
          const reader = new AttributeReader(writer.finish())
          for (const [type, value] of list) expect(reader.bytes(type)).toEqual(value)
        },
      ),
    )
  })

  it("gives back numbers, text and nests", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.stringMatching(/^[a-z0-9]{0,15}$/),
        (short, long, text) => {
          const written = new AttributeWriter()
            .u16(1, short)
            .u16be(2, short)
            .nest(3, (inner) => inner.u32(1, long).u32be(2, long).string(3, text))
            .finish()
          const reader = new AttributeReader(written)
          const nest = reader.nest(3)
          expect([reader.u16(1), reader.u16be(2)]).toEqual([short, short])
          expect([nest?.u32(1), nest?.u32be(2), nest?.string(3)]).toEqual([long, long, text])
        },
      ),
    )
  })

  it("has nothing for what is absent or of another length", () => {
    const reader = new AttributeReader(new AttributeWriter().u16(1, 5).finish())
    expect([reader.u16(2), reader.u32(1), reader.u8(1), reader.nest(9)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it("reads counters of 4 and 8 bytes", () => {
    const reader = new AttributeReader(bytesOf("0800010007000000" + "0c000200ffffffff01000000"))
    expect([reader.counter(1), reader.counter(2)]).toEqual([7, 0x1ffffffff])
  })

  it("never throws, and ends at a truncated attribute", () => {
    expect(new AttributeReader(bytesOf("05000d00010000000900020001")).u8(13)).toBe(1)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const reader = new AttributeReader(bytes)
        for (let type = 0; type < 16; type++) reader.nest(type)?.u32(1)
      }),
    )
  })
})

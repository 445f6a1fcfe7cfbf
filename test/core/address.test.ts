import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  addressBytes,
  canonicalAddress,
  compareAddresses,
  contains,
  family,
  formatAddress,
  formatEndpoint,
} from "../../src/core/address.ts"

describe("family()", () => {
  it("knows IPv4, IPv6 and neither", () => {
    expect(family("192.0.2.1")).toBe(4)
    expect(family("2001:db8::1")).toBe(6)
    for (const text of ["10.1", "010.1.1.1", "192.0.2.256", "fe80::1%eth0", "", "host"])
      expect(family(text)).toBeUndefined()
  })
})

describe("formatAddress()", () => {
  it("writes IPv6 as RFC 5952 does", () => {
    const cases: [string, string][] = [
      ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
      ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
      ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
      ["::", "::"],
      ["1::", "1::"],
      ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ]
    for (const [written, canonical] of cases) expect(canonicalAddress(written)).toBe(canonical)
  })

  it("gives back any 16 or 4 bytes it was given", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ minLength: 16, maxLength: 16 }),
          fc.uint8Array({ minLength: 4, maxLength: 4 }),
        ),
        (bytes) => {
          expect([...addressBytes(formatAddress(bytes))]).toEqual([...bytes])
        },
      ),
    )
  })

  it("agrees with fast-check's IPv6 spellings on one canonical form", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        expect(canonicalAddress(canonicalAddress(text))).toBe(canonicalAddress(text))
      }),
    )
  })
})

describe("contains()", () => {
  it("compares the prefix bit by bit, within one family", () => {
    expect(contains("10.0.0.0", 8, "10.255.0.1")).toBe(true)
    expect(contains("10.0.0.0", 9, "10.128.0.1")).toBe(false)
    expect(contains("2001:db8::", 32, "2001:db8:ffff::1")).toBe(true)
    expect(contains("0.0.0.0", 0, "2001:db8::1")).toBe(false)
    expect(contains("0.0.0.0", 0, "192.0.2.1")).toBe(true)
  })
})

describe("compareAddresses()", () => {
  it("orders by value, not by text, IPv4 before IPv6", () => {
    expect(["::1", "10.0.0.10", "10.0.0.9"].sort(compareAddresses)).toEqual([
      "10.0.0.9",
      "10.0.0.10",
      "::1",
    ])
  })
})

describe("formatEndpoint()", () => {
  it("brackets IPv6", () => {
    expect(formatEndpoint("2001:db8::1", 80)).toBe("[2001:db8::1]:80")
    expect(formatEndpoint("192.0.2.1", 80)).toBe("192.0.2.1:80")
  })
})

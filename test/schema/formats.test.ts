import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatEndpoint } from "../../src/core/address.ts"
import { endpoint, ip, parseEndpoint } from "../../src/schema/formats.ts"

describe("format ip", () => {
  it.each(["192.0.2.1", "::1", "2001:db8::1"])("takes %s", (text) => expect(ip(text)).toBe(true))
  it.each(["192.0.2.1/24", "fe80::1%eth0", "rs1", "1.2.3", ""])("refuses %s", (text) =>
    expect(ip(text)).toBe(false),
  )
})

describe("format endpoint", () => {
  it.each([
    "192.0.2.1",
    "192.0.2.1:0",
    "192.0.2.1:65536",
    "::1:80",
    "[192.0.2.1]:80",
    "rs1:80",
    ":80",
  ])("refuses %s", (text) => expect(endpoint(text)).toBe(false))

  it("reads what formatEndpoint writes", () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 65535 }), (host, port) => {
        expect(parseEndpoint(formatEndpoint(host, port))).toEqual({ address: host, port })
      }),
    )
  })
})

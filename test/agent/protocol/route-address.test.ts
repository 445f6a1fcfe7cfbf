import { describe, expect, it } from "vitest"
import { decodeOutcomes, encodeAddressRequest } from "../../../src/agent/protocol/route-address.ts"
import { bytesOf, hexOf } from "./hex.ts"

describe("rtnetlink", () => {
  it.each([
    [
      { action: "add", interfaceIndex: 2, address: "10.0.0.100" },
      "28000000 1400 0506 07000000 00000000 02 20 00 00 02000000 0800 0200 0a000064 0800 0100 0a000064",
    ],
    [
      { action: "remove", interfaceIndex: 2, address: "169.254.255.51" },
      "28000000 1500 0500 07000000 00000000 02 20 00 fd 02000000 0800 0200 a9feff33 0800 0100 a9feff33",
    ],
    [
      { action: "add", interfaceIndex: 3, address: "fd00::64" },
      `54000000 1400 0506 07000000 00000000 0a 80 02 00 03000000
       1400 0200 fd000000000000000000000000000064 1400 0100 fd000000000000000000000000000064
       1400 0600 00000000 ffffffff 00000000 00000000`,
    ],
  ] as const)("asks for %j", (request, hex) => {
    expect(hexOf(encodeAddressRequest(request, 7))).toBe(hexOf(bytesOf(hex)))
  })

  it("reads every outcome of a datagram, and stops where it is cut short", () => {
    const done = "24000000 0200 0001 01000000 00000000 00000000 28000000140005060100000000000000"
    const exists = "24000000 0200 0001 02000000 00000000 efffffff 28000000140005060200000000000000"
    expect(decodeOutcomes(bytesOf(done + exists))).toEqual([
      { sequence: 1, errno: 0 },
      { sequence: 2, errno: 17 },
    ])
    expect(decodeOutcomes(bytesOf(done + exists).subarray(0, 50))).toHaveLength(1)
  })
})

import { describe, expect, it } from "vitest"
import {
  decodeAcknowledgement,
  decodeFamilyAnswer,
  encodeFamilyQuestion,
} from "../../../src/agent/protocol/generic-netlink.ts"
import { bytesOf, hexOf } from "./hex.ts"

/** struct nlmsghdr of some request: 44 bytes long, type 28, REQUEST|ACK, sequence 9. */
const request = "2c000000 1c00 0500 09000000 00000000"

describe("the controller's answer", () => {
  it("is asked for by name", () => {
    expect(hexOf(encodeFamilyQuestion("IPVS"))).toBe("090002004950565300000000")
  })

  it("holds the family's number", () => {
    expect(decodeFamilyAnswer(bytesOf("0900020049505653 00000000 060001001c000000"))).toBe(28)
    expect(decodeFamilyAnswer(bytesOf("0900020049505653 00000000"))).toBeUndefined()
  })
})

describe("decodeAcknowledgement()", () => {
  it("reads success and an errno", () => {
    expect(decodeAcknowledgement(bytesOf(`00000000 ${request}`), 0x100)).toEqual({ errno: 0 })
    expect(decodeAcknowledgement(bytesOf(`efffffff ${request}`), 0x100)).toEqual({ errno: 17 })
  })

  it("reads the kernel's words after a capped echo of the request", () => {
    const words = "0c000100 4e6f20776179 0000"
    expect(decodeAcknowledgement(bytesOf(`eaffffff ${request} ${words}`), 0x300)).toEqual({
      errno: 22,
      text: "No way",
    })
  })

  it("reads them after the whole request too", () => {
    const echoed = `${request} ${"00".repeat(28)}`
    const words = "0c000100 4e6f20776179 0000"
    expect(decodeAcknowledgement(bytesOf(`eaffffff ${echoed} ${words}`), 0x200)).toEqual({
      errno: 22,
      text: "No way",
    })
  })

  it("has nothing for an answer cut short", () => {
    expect(decodeAcknowledgement(bytesOf("00000000 2c000000"), 0)).toBeUndefined()
  })
})

import { describe, expect, it } from "vitest"
import { echoRequest, parseEchoReply } from "../../../src/agent/protocol/icmp.ts"
import { internetChecksum } from "../../../src/agent/protocol/internet-checksum.ts"

const payload = Buffer.from("Healthcheck")

describe("echo requests", () => {
  it("have the form of RFC 792, with a checksum that sums up to nothing", () => {
    const bytes = echoRequest(4, 0x1234, 1, payload)
    expect(Buffer.from(bytes.subarray(0, 2)).toString("hex")).toBe("0800")
    expect(Buffer.from(bytes.subarray(4, 8)).toString("hex")).toBe("12340001")
    expect(internetChecksum(bytes)).toBe(0)
  })

  it("leave ICMPv6's checksum to the kernel", () => {
    const bytes = echoRequest(6, 0x1234, 1, payload)
    expect(Buffer.from(bytes.subarray(0, 8)).toString("hex")).toBe("8000000012340001")
  })
})

describe("echo replies", () => {
  const reply = Uint8Array.of(0, 0, 0xff, 0xff, 0x12, 0x34, 0, 1, ...payload)

  it("are read behind an IP header of any length", () => {
    const header = new Uint8Array(24)
    header[0] = 0x46
    expect(parseEchoReply(4, Uint8Array.of(...header, ...reply))).toEqual(Uint8Array.from(payload))
    expect(parseEchoReply(6, Uint8Array.of(129, ...reply.subarray(1)))).toEqual(
      Uint8Array.from(payload),
    )
  })

  it("are nothing else", () => {
    expect(parseEchoReply(4, new Uint8Array())).toBeUndefined()
    expect(parseEchoReply(4, Uint8Array.of(0x45))).toBeUndefined()
    const header = new Uint8Array(20)
    header[0] = 0x45
    expect(parseEchoReply(4, Uint8Array.of(...header, 3, 1, ...reply))).toBeUndefined()
    expect(parseEchoReply(6, reply)).toBeUndefined()
  })
})

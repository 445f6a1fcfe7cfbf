import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatAddress, addressBytes } from "../../../src/core/address.ts"
import { ethernetFrame, etherTypes } from "../../../src/agent/protocol/ethernet.ts"
import { internetChecksum } from "../../../src/agent/protocol/internet-checksum.ts"
import { encodeVrrp, parseVrrp, type VrrpAdvert } from "../../../src/agent/protocol/vrrp.ts"
import { parseVrrpFrame } from "../../../src/agent/protocol/vrrp-frame.ts"
import { bytesOf, hexOf } from "./hex.ts"

const ip4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(formatAddress)
const ip6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatAddress)
const common = {
  virtualRouterId: fc.integer({ min: 1, max: 255 }),
  priority: fc.integer({ min: 0, max: 255 }),
}
const interval3 = fc.integer({ min: 1, max: 4095 }).map((units) => units * 10)
const interval2 = fc.integer({ min: 1, max: 255 }).map((units) => units * 1000)

function conversation(
  version: 2 | 3,
  address: fc.Arbitrary<string>,
): fc.Arbitrary<{ advert: VrrpAdvert; source: string; destination: string }> {
  const advert = fc.record({
    ...common,
    version: fc.constant(version),
    advertIntervalMs: version === 3 ? interval3 : interval2,
    addresses: fc.array(address, { maxLength: 20 }),
  })
  return fc.record({ advert, source: address, destination: address })
}
const conversations = fc.oneof(conversation(3, ip4), conversation(3, ip6), conversation(2, ip4))

const path = { source: "10.0.0.2", destination: "224.0.0.18" }
const sample: VrrpAdvert = {
  version: 3,
  virtualRouterId: 51,
  priority: 150,
  advertIntervalMs: 1000,
  addresses: ["169.254.255.51"],
}

/** The sample with some bytes replaced and its checksum put right. */
function altered(bytes: Readonly<Record<number, number>>, version: 2 | 3 = 3): Uint8Array {
  const packet = encodeVrrp({ ...sample, version }, path)
  packet[6] = packet[7] = 0
  for (const [at, byte] of Object.entries(bytes)) packet[Number(at)] = byte
  // The checksum is the one that makes the sum of the whole come out.
  const pseudo = bytesOf(`0a000002 e0000012 00 70 ${packet.length.toString(16).padStart(4, "0")}`)
  const sum = version === 3 ? internetChecksum(pseudo, packet) : internetChecksum(packet)
  new DataView(packet.buffer).setUint16(6, sum)
  return packet
}

describe("VRRP packets", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(conversations, ({ advert, ...between }) => {
        expect(parseVrrp(encodeVrrp(advert, between), between)).toEqual({ ok: true, value: advert })
      }),
    )
  })

  it("are keepalived's, byte for byte", () => {
    expect(hexOf(encodeVrrp(sample, path)).replace(/^(.{12}).{4}/, "$1....")).toBe(
      "313396010064....a9feff33",
    )
    const version2 = encodeVrrp({ ...sample, version: 2 }, path)
    expect(hexOf(version2).replace(/^(.{12}).{4}/, "$1....")).toBe(
      "213396010001....a9feff330000000000000000",
    )
    expect(internetChecksum(version2)).toBe(0)
  })

  it("with any bit changed are refused", () => {
    fc.assert(
      fc.property(conversations, fc.nat(), ({ advert, ...between }, bit) => {
        const bytes = encodeVrrp(advert, between)
        const at = bit % (bytes.length * 8)
        bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7))
        expect(parseVrrp(bytes, between).ok).toBe(false)
      }),
    )
  })

  it("of any bytes at all are refused or read, and nothing is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const { ok } = parseVrrp(bytes, path)
        expect(typeof ok).toBe("boolean")
      }),
    )
  })

  it("for another address are refused: the checksum covers them", () => {
    const elsewhere = { ...path, destination: "10.0.0.3" }
    expect(parseVrrp(encodeVrrp(sample, path), elsewhere)).toEqual({
      ok: false,
      error: "the checksum is wrong",
    })
  })

  it.each([
    [altered({}).subarray(0, 7), "7 bytes are too short for an advert"],
    [altered({}).subarray(0, 11), "1 addresses need 12 bytes, there are 11"],
    [altered({ 0: 0x41 }), "version 4 is not known"],
    [altered({ 0: 0x32 }), "type 2 is no advertisement"],
    [altered({ 1: 0 }), "virtual_router_id 0 is not allowed"],
    [altered({ 4: 0, 5: 0 }), "the interval is 0"],
    [altered({ 4: 1 }, 2), "authentication type 1 is not known"],
  ])("with a fault are refused with the reason (%#)", (bytes, error) => {
    expect(parseVrrp(bytes, path)).toEqual({ ok: false, error })
  })

  it("of VRRPv2 over IPv6 do not exist", () => {
    const between = { source: "fe80::1", destination: "ff02::12" }
    expect(parseVrrp(encodeVrrp({ ...sample, version: 2 }, between), between)).toEqual({
      ok: false,
      error: "VRRPv2 has no IPv6",
    })
  })

  it("ignore reserved bits", () => {
    expect(parseVrrp(altered({ 4: 0xf0 }), path)).toEqual({ ok: true, value: sample })
  })
})

describe("VRRP frames", () => {
  /** A frame that Seesaw sent, tcpdump of its lab. */
  const seesaw = bytesOf(
    `01005e000012 7a81430d831c 0800 4500001c 88cc4000 ff7047e7 c0a80a03 e0000012
     313c0100 0032225b`,
  )

  it("tell who said what to whom", () => {
    expect(parseVrrpFrame(seesaw, 4)).toEqual({
      ok: true,
      value: {
        source: "192.168.10.3",
        destination: "224.0.0.18",
        advert: {
          version: 3,
          virtualRouterId: 60,
          priority: 1,
          advertIntervalMs: 500,
          addresses: [],
        },
      },
    })
  })

  it("may be padded to the least length of Ethernet", () => {
    const padded = new Uint8Array(60)
    padded.set(seesaw)
    expect(parseVrrpFrame(padded, 4).ok).toBe(true)
  })

  it.each([
    ["a smaller TTL", { 22: 254 }, "TTL 254 is not 255: it came through a router"],
    ["another protocol", { 23: 17 }, "this is not VRRP"],
    ["a fragment", { 20: 0x20 }, "a fragment is no advert"],
    ["a length beyond the frame", { 17: 0xff }, "the IPv4 header has wrong lengths"],
    ["a header that is too short", { 14: 0x41 }, "the IPv4 header has wrong lengths"],
    ["another EtherType", { 12: 0x86 }, "this is no IPv4 packet"],
  ])("with %s are refused", (_, bytes, error) => {
    const frame = Uint8Array.from(seesaw)
    for (const [at, byte] of Object.entries(bytes)) frame[Number(at)] = byte
    expect(parseVrrpFrame(frame, 4)).toEqual({ ok: false, error })
  })

  it("of IPv6 are read with their hop limit", () => {
    const between = { source: "fe80::1", destination: "ff02::12" }
    const advert: VrrpAdvert = { ...sample, addresses: ["fe80::53"] }
    const payload = encodeVrrp(advert, between)
    const packet = new Uint8Array(40 + payload.length)
    packet.set([0x60, 0, 0, 0, 0, payload.length, 112, 255])
    packet.set(addressBytes(between.source), 8)
    packet.set(addressBytes(between.destination), 24)
    packet.set(payload, 40)
    const frame = ethernetFrame("33:33:00:00:00:12", "02:00:00:00:00:01", etherTypes.ipv6, packet)
    expect(parseVrrpFrame(frame, 6)).toEqual({ ok: true, value: { ...between, advert } })
    frame[14 + 7] = 64
    expect(parseVrrpFrame(frame, 6).ok).toBe(false)
  })
})

const corpus = join(import.meta.dirname, "../../../../shared/corpus/seesaw/expected/vrrp.json")
describe.skipIf(!existsSync(corpus))("Seesaw's packets, of the corpus", () => {
  it("are what we send, and are understood", () => {
    const { packets } = JSON.parse(readFileSync(corpus, "utf8")) as {
      packets: {
        src: string
        dst: string
        vrid: number
        priority: number
        advertIntervalMs: number
        payloadHex: string
      }[]
    }
    expect(packets.length).toBe(10)
    for (const { src, dst, vrid, priority, payloadHex } of packets) {
      const between = { source: src, destination: dst }
      const parsed = parseVrrp(bytesOf(payloadHex), between)
      expect(parsed).toMatchObject({ ok: true, value: { virtualRouterId: vrid, priority } })
      // Seesaw writes an interval of 60 s over the reserved bits; ours has 12 bits.
      if (parsed.ok && !payloadHex.includes("1770"))
        expect(hexOf(encodeVrrp(parsed.value, between))).toBe(payloadHex)
    }
  })
})

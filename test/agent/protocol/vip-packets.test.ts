import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { internetChecksum, pseudoHeader } from "../../../src/agent/protocol/internet-checksum.ts"
import { ipPacket, parseIpPacket } from "../../../src/agent/protocol/ip-packet.ts"
import { ipProtocols } from "../../../src/core/ip-protocols.ts"
import { parseTcp } from "../../../src/agent/protocol/tcp.ts"
import {
  datagramPacket,
  readVipReply,
  resetPacket,
  synPacket,
} from "../../../src/agent/protocol/vip-packets.ts"
import { address } from "./arbitraries.ts"
import { bytesOf, hexOf } from "./hex.ts"

const path = {
  source: "10.77.0.11",
  sourcePort: 61_000,
  destination: "10.77.0.100",
  destinationPort: 80,
}
const path6 = { ...path, source: "fd77::11", destination: "fd77::100" }

/** From the VIP back to the director. */
const back = (protocol: number, payload: Uint8Array, source = path.destination): Uint8Array =>
  ipPacket({ source, destination: path.source, protocol, payload }, 64)

/** A SYN-ACK with the largest segment of 1460 behind an option of no meaning. */
const synAck = bytesOf(`0050 ee48 00000001 12345679 7012 faf0 0000 0000 01 0204 05b4 00 0000`)

describe("a packet to a VIP", () => {
  it("is a SYN that gets two hops far and is not fragmented", () => {
    expect(hexOf(synPacket(path, 0x12345678))).toBe(
      hexOf(
        bytesOf(
          `45000028 00004000 0206 63c8 0a4d000b 0a4d0064
           ee48 0050 12345678 00000000 5002 ffff 4395 0000`,
        ),
      ),
    )
  })

  it("has right checksums and the wanted size, whatever it says", () => {
    const version = fc.constantFrom(4 as const, 6 as const)
    fc.assert(
      fc.property(
        version.chain((family) => fc.tuple(address(family), address(family))),
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 60, max: 1500 }),
        ([source, destination], port, bytes) => {
          const wanted = { source, destination, sourcePort: port, destinationPort: port }
          const packet = synPacket(wanted, port, bytes)
          const datagram = datagramPacket(wanted)
          expect(packet.length).toBe(bytes)
          for (const sent of [packet, datagram]) {
            const { protocol = 0, payload = new Uint8Array() } = parseIpPacket(sent) ?? {}
            const covered = pseudoHeader(source, destination, protocol, payload.length)
            expect(internetChecksum(covered, payload)).toBe(0)
          }
          if (!source.includes(":")) expect(internetChecksum(packet.subarray(0, 20))).toBe(0)
        },
      ),
    )
  })

  it("takes back what a SYN-ACK opened", () => {
    const packet = parseIpPacket(resetPacket(path6, 0x12345679))
    expect(parseTcp(packet?.payload ?? new Uint8Array())).toMatchObject({
      rst: true,
      syn: false,
      ack: false,
      sequence: 0x12345679,
    })
  })
})

describe("what comes back from a real server", () => {
  const about = { vip: path.destination, port: 80, ownPort: 61_000 }
  const syn = synPacket(path, 1)
  const icmp = (type: number, code: number, quoted: Uint8Array): Uint8Array =>
    back(ipProtocols.icmp, Uint8Array.from([type, code, 0, 0, 0, 0, 0, 0, ...quoted]), "10.77.0.21")

  it("is an answer when it is a SYN-ACK, which says what segments it takes", () => {
    expect(readVipReply(back(ipProtocols.tcp, synAck))).toEqual({
      ...about,
      outcome: "answered",
      opened: { acknowledged: 0x12345679, mss: 1460 },
    })
  })

  it("is a refusal when it is a reset, or says that the port is unreachable", () => {
    const reset = bytesOf("0050 ee48 00000000 00000002 5014 0000 0000 0000")
    expect(readVipReply(back(ipProtocols.tcp, reset))).toEqual({ ...about, outcome: "refused" })
    expect(readVipReply(icmp(3, 3, datagramPacket(path)))).toEqual({ ...about, outcome: "refused" })
  })

  it("is an answer over UDP when any datagram comes from the VIP and port", () => {
    const datagram = bytesOf("0050 ee48 0008 0000")
    expect(readVipReply(back(ipProtocols.udp, datagram))).toEqual({ ...about, outcome: "answered" })
  })

  it("is a rejection in the words of ICMP, of which 8 quoted bytes of the segment are enough", () => {
    for (const [code, words] of [
      [2, "protocol unreachable"],
      [13, "administratively prohibited"],
      [77, "unreachable, code 77"],
    ] as const)
      expect(readVipReply(icmp(3, code, syn.subarray(0, 28)))).toEqual({
        ...about,
        outcome: "rejected",
        words,
      })
  })

  it("is of a host that sends packets on when their hops were over, or it knows a shorter way", () => {
    for (const type of [11, 5])
      expect(readVipReply(icmp(type, 0, syn))).toEqual({ ...about, outcome: "passed-on" })
  })

  it("is about the packet inside when a tunnel's is quoted", () => {
    const ends = { source: path.source, destination: "10.77.0.21" }
    const outer = ipPacket({ ...ends, protocol: ipProtocols.ipip, payload: syn }, 64)
    expect(readVipReply(icmp(3, 2, outer))).toMatchObject({ ...about, outcome: "rejected" })
  })

  it("speaks of IPv6 as of IPv4", () => {
    const quoted = synPacket(path6, 1)
    const error = (type: number, code: number): Uint8Array =>
      ipPacket(
        {
          source: "fd77::21",
          destination: path6.source,
          protocol: ipProtocols.icmpv6,
          payload: Uint8Array.from([type, code, 0, 0, 0, 0, 0, 0, ...quoted]),
        },
        64,
      )
    const outcomes = [
      [1, 1],
      [1, 4],
      [3, 0],
      [4, 1],
    ].map(([type = 0, code = 0]) => readVipReply(error(type, code)))
    expect(outcomes).toEqual(
      [
        { outcome: "rejected", words: "administratively prohibited" },
        { outcome: "refused" },
        { outcome: "passed-on" },
        { outcome: "rejected", words: "protocol unreachable" },
      ].map((one) => ({ ...one, vip: path6.destination, port: 80, ownPort: 61_000 })),
    )
  })

  it("is none when it is anything else: other segments, fragments, errors about a size, cut short", () => {
    const ack = bytesOf("0050 ee48 00000000 00000002 5010 0000 0000 0000")
    const fragment = back(ipProtocols.tcp, synAck)
    fragment[6] = 0x20
    for (const bytes of [
      back(ipProtocols.tcp, ack),
      fragment,
      icmp(3, 4, syn),
      icmp(8, 0, syn),
      icmp(3, 1, syn.subarray(0, 22)),
    ])
      expect(readVipReply(bytes)).toBeUndefined()
  })

  it("is never taken for an answer, nor a reason to throw, when it is noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const version = (bytes[0] ?? 0) >> 4
        const reply = readVipReply(bytes)
        if (version !== 4 && version !== 6) expect(reply).toBeUndefined()
      }),
    )
  })

  it("is read of every beginning of a reply without a throw", () => {
    const whole = back(ipProtocols.tcp, synAck)
    for (let end = 0; end < 40; end++) expect(readVipReply(whole.subarray(0, end))).toBeUndefined()
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  arpFrame,
  arpRequest,
  gratuitousArp,
  noAddress,
  parseArp,
} from "../../../src/agent/protocol/arp.ts"
import { formatMac } from "../../../src/agent/protocol/ethernet.ts"
import {
  advertisementFilter,
  icmpChecksum,
  neighbourAdvertisement,
  neighbourSolicitation,
  parseNeighbourAdvertisement,
  solicitedNodeAddress,
  unsolicitedAdvertisement,
} from "../../../src/agent/protocol/neighbour-discovery.ts"
import { packetFilter } from "../../../src/agent/protocol/packet-filter.ts"
import { address } from "./arbitraries.ts"
import { bytesOf, hexOf } from "./hex.ts"

const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(formatMac)

describe("ARP", () => {
  it("asks everyone on the segment", () => {
    expect(hexOf(arpRequest("52:54:00:4d:00:0b", "10.77.0.11", "10.77.0.100"))).toBe(
      hexOf(
        bytesOf(
          `ffffffffffff 5254004d000b 0806 0001 0800 06 04 0001
           5254004d000b 0a4d000b 000000000000 0a4d0064`,
        ),
      ),
    )
  })

  it("asks without claiming an address", () => {
    const probe = parseArp(arpRequest("52:54:00:4d:00:0b", noAddress, "10.77.0.100"))
    expect(probe).toMatchObject({ operation: "request", senderAddress: "0.0.0.0" })
  })

  it("reads a reply, padding and all", () => {
    const frame = bytesOf(
      `5254004d000b 5254004d0015 0806 0001 0800 06 04 0002
       5254004d0015 0a4d0064 5254004d000b 0a4d000b ${"00".repeat(18)}`,
    )
    expect(parseArp(frame)).toEqual({
      operation: "reply",
      senderMac: "52:54:00:4d:00:15",
      senderAddress: "10.77.0.100",
      targetMac: "52:54:00:4d:00:0b",
      targetAddress: "10.77.0.11",
    })
  })

  it("gives back what was framed", () => {
    fc.assert(
      fc.property(
        fc.record({
          operation: fc.constantFrom("request" as const, "reply" as const),
          senderMac: mac,
          senderAddress: address(4),
          targetMac: mac,
          targetAddress: address(4),
        }),
        (packet) => {
          expect(parseArp(arpFrame(packet.targetMac, packet))).toEqual(packet)
        },
      ),
    )
  })

  it("has nothing for another frame, hardware or operation", () => {
    const good = arpRequest("52:54:00:4d:00:0b", "10.77.0.11", "10.77.0.100")
    for (const at of [12, 14, 15, 17, 18, 19, 20, 21]) {
      const bad = good.slice()
      bad[at] = 0x77
      expect(parseArp(bad)).toBeUndefined()
    }
    expect(parseArp(good.subarray(0, 41))).toBeUndefined()
  })
})

describe("announcements", () => {
  const mac = "52:54:00:4d:00:0b"

  it("of IPv4 are gratuitous ARP requests to everyone", () => {
    const frame = gratuitousArp(mac, "10.77.0.100")
    expect(hexOf(frame.subarray(0, 6))).toBe("ffffffffffff")
    expect(parseArp(frame)).toMatchObject({
      operation: "request",
      senderMac: mac,
      senderAddress: "10.77.0.100",
      targetAddress: "10.77.0.100",
    })
  })

  it("of IPv6 are unsolicited, overriding neighbour advertisements to all nodes", () => {
    const frame = unsolicitedAdvertisement({ address: "fd77::100", mac })
    expect(hexOf(frame)).toBe(
      hexOf(
        bytesOf(
          `333300000001 5254004d000b 86dd 60000000 0020 3a ff
           fd770000000000000000000000000100 ff020000000000000000000000000001
           88 00 ${hexOf(frame.subarray(56, 58))} 20000000 fd770000000000000000000000000100
           02 01 5254004d000b`,
        ),
      ),
    )
    expect(icmpChecksum("fd77::100", "ff02::1", frame.subarray(54))).toBe(0)
    expect(parseNeighbourAdvertisement(frame)).toEqual({ address: "fd77::100", mac })
  })
})

describe("neighbour discovery", () => {
  it("asks an address's solicited-node group", () => {
    expect(solicitedNodeAddress("fd77::1:2345:6789")).toBe("ff02::1:ff45:6789")
    expect(hexOf(neighbourSolicitation("52:54:00:4d:00:0b", "fd77::11", "fd77::100"))).toBe(
      hexOf(
        bytesOf(
          `3333ff000100 5254004d000b 86dd 60000000 0020 3a ff
           fd770000000000000000000000000011 ff0200000000000000000001ff000100
           87 00 29f2 00000000 fd770000000000000000000000000100 01 01 5254004d000b`,
        ),
      ),
    )
  })

  it("fills in a checksum that proves right", () => {
    fc.assert(
      fc.property(mac, address(6), address(6), (from, source, wanted) => {
        const message = neighbourSolicitation(from, source, wanted).subarray(54)
        expect(icmpChecksum(source, solicitedNodeAddress(wanted), message)).toBe(0)
      }),
    )
  })

  it("gives back what was advertised", () => {
    fc.assert(
      fc.property(mac, mac, address(6), address(6), (own, other, claimed, asker) => {
        const claim = { address: claimed, mac: own }
        const frame = neighbourAdvertisement(claim, { mac: other, address: asker })
        expect(parseNeighbourAdvertisement(frame)).toEqual(claim)
      }),
    )
  })

  it("takes the frame's sender where the option is missing", () => {
    const claim = { address: "fd77::100", mac: "52:54:00:4d:00:15" }
    const asker = { mac: "52:54:00:4d:00:0b", address: "fd77::11" }
    const short = neighbourAdvertisement(claim, asker).slice(0, -8)
    short[19] = 24
    expect(parseNeighbourAdvertisement(short)).toEqual(claim)
  })

  it("has nothing for what came through a router, is no advertisement, or is cut short", () => {
    const claim = { address: "fd77::100", mac: "52:54:00:4d:00:15" }
    const asker = { mac: "52:54:00:4d:00:0b", address: "fd77::11" }
    const good = neighbourAdvertisement(claim, asker)
    for (const at of [12, 20, 21, 54, 55]) {
      const bad = good.slice()
      bad[at] = 0x40
      expect(parseNeighbourAdvertisement(bad)).toBeUndefined()
    }
    expect(parseNeighbourAdvertisement(good.subarray(0, 60))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        parseNeighbourAdvertisement(bytes)
        parseArp(bytes)
      }),
    )
  })
})

describe("packetFilter()", () => {
  it("passes frames with every byte as asked, and drops the rest", () => {
    expect(hexOf(packetFilter([{ at: 20, is: 58 }]))).toBe(
      hexOf(bytesOf("3000000014000000 150000013a000000 06000000ffff0000 0600000000000000")),
    )
    expect(hexOf(advertisementFilter)).toBe(
      hexOf(
        bytesOf(
          `3000000014000000 150000033a000000 3000000036000000 1500000188000000
           06000000ffff0000 0600000000000000`,
        ),
      ),
    )
  })
})

import { addressBytes, formatAddress } from "../../core/address.ts"
import {
  broadcastMac,
  ethernetFrame,
  ethernetPayload,
  etherTypes,
  formatMac,
  macBytes,
} from "./ethernet.ts"

/** RFC 826 for IPv4 over Ethernet: hardware type 1, protocol type 0x0800, lengths 6 and 4. */
const fixedHeader = Uint8Array.of(0, 1, 0x08, 0, 6, 4)
const packetLength = 28
const operations = { request: 1, reply: 2 } as const
const unknownMac = "00:00:00:00:00:00"
/** Sender of a question that claims no address: an ARP probe (RFC 5227, 1.1). */
export const noAddress = "0.0.0.0"

/** Who is where, as one ARP packet tells it. */
export interface ArpPacket {
  readonly operation: keyof typeof operations
  readonly senderMac: string
  readonly senderAddress: string
  readonly targetMac: string
  readonly targetAddress: string
}

/** A frame that asks everyone on the segment who has an address; `senderAddress` may be `noAddress`. */
export function arpRequest(mac: string, senderAddress: string, wanted: string): Uint8Array {
  return arpFrame(broadcastMac, {
    operation: "request",
    senderMac: mac,
    senderAddress,
    targetMac: unknownMac,
    targetAddress: wanted,
  })
}

/** A frame that tells everyone on the segment where an address is now: a gratuitous ARP, as an announcement (RFC 5227, 2.3). */
export function gratuitousArp(mac: string, address: string): Uint8Array {
  return arpRequest(mac, address, address)
}

/** The frame of an ARP packet to that destination. */
export function arpFrame(destination: string, packet: ArpPacket): Uint8Array {
  const bytes = new Uint8Array(packetLength)
  bytes.set(fixedHeader)
  bytes[7] = operations[packet.operation]
  bytes.set(macBytes(packet.senderMac), 8)
  bytes.set(addressBytes(packet.senderAddress), 14)
  bytes.set(macBytes(packet.targetMac), 18)
  bytes.set(addressBytes(packet.targetAddress), 24)
  return ethernetFrame(destination, packet.senderMac, etherTypes.arp, bytes)
}

/** The ARP packet of a frame; undefined when it holds none for IPv4 over Ethernet. */
export function parseArp(frame: Uint8Array): ArpPacket | undefined {
  const bytes = ethernetPayload(frame, etherTypes.arp)
  if (bytes === undefined || bytes.length < packetLength) return undefined
  if (fixedHeader.some((byte, index) => bytes[index] !== byte) || bytes[6] !== 0) return undefined
  const operation = bytes[7] === 1 ? "request" : bytes[7] === 2 ? "reply" : undefined
  if (operation === undefined) return undefined
  return {
    operation,
    senderMac: formatMac(bytes.subarray(8, 14)),
    senderAddress: formatAddress(bytes.subarray(14, 18)),
    targetMac: formatMac(bytes.subarray(18, 24)),
    targetAddress: formatAddress(bytes.subarray(24, 28)),
  }
}

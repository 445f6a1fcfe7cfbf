import { ipProtocols } from "../../core/ip-protocols.ts"
import { internetChecksum, pseudoHeader } from "./internet-checksum.ts"

/** RFC 768 */
export const udpHeaderLength = 8

/** A datagram with its checksum, 0 as all ones (RFC 768; RFC 8200 section 8.1). */
export function udpDatagram(
  path: {
    readonly source: string
    readonly sourcePort: number
    readonly destination: string
    readonly destinationPort: number
  },
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  const bytes = new Uint8Array(udpHeaderLength + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, path.sourcePort)
  view.setUint16(2, path.destinationPort)
  view.setUint16(4, bytes.length)
  bytes.set(payload, udpHeaderLength)
  const covered = pseudoHeader(path.source, path.destination, ipProtocols.udp, bytes.length)
  view.setUint16(6, internetChecksum(covered, bytes) || 0xffff)
  return bytes
}

/** The ports of a datagram, or of the segment of TCP that begins alike; undefined when they are cut off. */
export function parsePorts(
  bytes: Uint8Array,
): { readonly sourcePort: number; readonly destinationPort: number } | undefined {
  if (bytes.length < 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return { sourcePort: view.getUint16(0), destinationPort: view.getUint16(2) }
}

import { addressBytes } from "../../core/address.ts"

/** The internet checksum (RFC 1071) over several pieces, each but the last of even length; 0 over data that holds its right checksum. */
export function internetChecksum(...pieces: readonly Uint8Array[]): number {
  let sum = 0
  for (const bytes of pieces)
    for (let at = 0; at < bytes.length; at += 2)
      sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/**
 * What a checksum of an upper layer covers besides its own bytes: addresses, protocol and length, as IPv4 has it
 * (RFC 9293 section 3.1) or IPv6 (RFC 8200 section 8.1), by the family of the addresses.
 */
export function pseudoHeader(
  source: string,
  destination: string,
  protocol: number,
  length: number,
): Uint8Array {
  const from = addressBytes(source)
  const to = addressBytes(destination)
  const bytes = new Uint8Array(from.length + to.length + (from.length === 4 ? 4 : 8))
  const view = new DataView(bytes.buffer)
  bytes.set(from)
  bytes.set(to, from.length)
  bytes[bytes.length - (from.length === 4 ? 3 : 1)] = protocol
  if (from.length === 4) view.setUint16(bytes.length - 2, length)
  else view.setUint32(bytes.length - 8, length)
  return bytes
}

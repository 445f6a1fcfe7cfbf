import { addressBytes, family, formatAddress } from "../../core/address.ts"
import { internetChecksum } from "./internet-checksum.ts"

export const ipHeaderLength = { 4: 20, 6: 40 } as const

/** An IP packet without options or extension headers. */
export interface IpPacket {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly payload: Uint8Array
}

/**
 * The bytes of a packet that no router may fragment: IPv4 with DF (RFC 791 section 3.1), or IPv6 (RFC 8200 section 3), by its
 * addresses. `hops` is the TTL or hop limit.
 */
export function ipPacket(
  { source, destination, protocol, payload }: IpPacket,
  hops: number,
): Uint8Array {
  const version = family(source) ?? 4
  const header = ipHeaderLength[version]
  const bytes = new Uint8Array(header + payload.length)
  const view = new DataView(bytes.buffer)
  if (version === 4) {
    const dontFragment = 0x4000
    view.setUint8(0, 0x45)
    view.setUint16(2, bytes.length)
    view.setUint16(6, dontFragment)
    view.setUint8(8, hops)
    view.setUint8(9, protocol)
    bytes.set(addressBytes(source), 12)
    bytes.set(addressBytes(destination), 16)
    view.setUint16(10, internetChecksum(bytes.subarray(0, header)))
  } else {
    view.setUint8(0, 0x60)
    view.setUint16(4, payload.length)
    view.setUint8(6, protocol)
    view.setUint8(7, hops)
    bytes.set(addressBytes(source), 8)
    bytes.set(addressBytes(destination), 24)
  }
  bytes.set(payload, header)
  return bytes
}

/**
 * The packet that bytes hold, or the beginning of which they quote; undefined for anything but an unfragmented packet without extension
 * headers. Its checksum is not looked at: the kernel leaves that to network cards.
 */
export function parseIpPacket(bytes: Uint8Array): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4
  if (version === 4) return parseIpv4(bytes)
  return version === 6 ? parseIpv6(bytes) : undefined
}

function parseIpv4(bytes: Uint8Array): IpPacket | undefined {
  if (bytes.length < ipHeaderLength[4]) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const header = (view.getUint8(0) & 0x0f) * 4
  const fragment = view.getUint16(6) & 0x3fff
  const end = view.getUint16(2)
  if (header < ipHeaderLength[4] || end < header || fragment !== 0) return undefined
  return {
    source: formatAddress(bytes.subarray(12, 16)),
    destination: formatAddress(bytes.subarray(16, 20)),
    protocol: view.getUint8(9),
    payload: bytes.subarray(header, end),
  }
}

function parseIpv6(bytes: Uint8Array): IpPacket | undefined {
  const header = ipHeaderLength[6]
  if (bytes.length < header) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    source: formatAddress(bytes.subarray(8, 24)),
    destination: formatAddress(bytes.subarray(24, 40)),
    protocol: view.getUint8(6),
    payload: bytes.subarray(header, header + view.getUint16(4)),
  }
}

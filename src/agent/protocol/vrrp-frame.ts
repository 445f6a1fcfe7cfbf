import { formatAddress } from "../../core/address.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import { ethernetHeaderLength, ethernetPayload, etherTypes } from "./ethernet.ts"
import { packetFilter } from "./packet-filter.ts"
import type { VrrpAdvert, VrrpPath } from "./vrrp.ts"
import { parseVrrp, vrrpProtocol, vrrpTtl } from "./vrrp.ts"

/** Where the headers name the protocol above them (RFC 791 section 3.1, RFC 8200 section 3). */
const protocolAt = { 4: 9, 6: 6 } as const
const shortestHeader = { 4: 20, 6: 40 } as const

/** For the kernel, on a packet socket of IPv4 or IPv6: VRRP only. */
export const vrrpFilters = {
  4: packetFilter([{ at: ethernetHeaderLength + protocolAt[4], is: vrrpProtocol }]),
  6: packetFilter([{ at: ethernetHeaderLength + protocolAt[6], is: vrrpProtocol }]),
} as const

/** An advert and between whom it went. */
export interface HeardAdvert extends VrrpPath {
  readonly advert: VrrpAdvert
}

/**
 * The advert of a frame, or why there is none. Every header is checked: what came through a router, and so with a smaller TTL, is
 * refused. Extension headers are not followed: VRRP has none.
 */
export function parseVrrpFrame(frame: Uint8Array, family: 4 | 6): Result<HeardAdvert, string> {
  const packet = ethernetPayload(frame, family === 4 ? etherTypes.ipv4 : etherTypes.ipv6)
  if (packet === undefined || packet.length < shortestHeader[family])
    return err(`this is no IPv${family} packet`)
  if (packet[protocolAt[family]] !== vrrpProtocol) return err("this is not VRRP")
  return family === 4 ? parseIpv4(packet) : parseIpv6(packet)
}

function parseIpv4(packet: Uint8Array): Result<HeardAdvert, string> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length)
  const headerLength = (view.getUint8(0) & 0x0f) * 4
  const end = view.getUint16(2)
  if (headerLength < shortestHeader[4] || end < headerLength || end > packet.length)
    return err("the IPv4 header has wrong lengths")
  // More fragments follow, or this is not the first.
  if ((view.getUint16(6) & 0x3fff) !== 0) return err("a fragment is no advert")
  const path = {
    source: formatAddress(packet.subarray(12, 16)),
    destination: formatAddress(packet.subarray(16, 20)),
  }
  return parsePayload(packet.subarray(headerLength, end), path, view.getUint8(8))
}

function parseIpv6(packet: Uint8Array): Result<HeardAdvert, string> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length)
  const end = shortestHeader[6] + view.getUint16(4)
  if (end > packet.length) return err("the IPv6 header has a wrong length")
  const path = {
    source: formatAddress(packet.subarray(8, 24)),
    destination: formatAddress(packet.subarray(24, 40)),
  }
  return parsePayload(packet.subarray(shortestHeader[6], end), path, view.getUint8(7))
}

function parsePayload(bytes: Uint8Array, path: VrrpPath, ttl: number): Result<HeardAdvert, string> {
  if (ttl !== vrrpTtl) return err(`TTL ${ttl} is not ${vrrpTtl}: it came through a router`)
  const advert = parseVrrp(bytes, path)
  return advert.ok ? ok({ ...path, advert: advert.value }) : advert
}

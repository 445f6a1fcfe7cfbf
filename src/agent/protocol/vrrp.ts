import { addressBytes, family, formatAddress } from "../../core/address.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import { internetChecksum, pseudoHeader } from "./internet-checksum.ts"

/** IP protocol number and multicast groups (RFC 9568 section 5.1.1 and 5.1.2). */
export const vrrpProtocol = 112
export const vrrpGroups = { 4: "224.0.0.18", 6: "ff02::12" } as const
/** The only TTL or hop limit of an advert: none came through a router (RFC 9568 section 5.1.1.3). */
export const vrrpTtl = 255

/** The only type of packet there is (RFC 9568 section 5.2.2). */
const advertisement = 1
const headerLength = 8
/** VRRPv2 ends with 8 bytes of authentication data (RFC 3768 section 5.3.10). */
const authenticationLength = 8
/** The interval has 12 bits of centiseconds in VRRPv3 (RFC 9568 section 5.2.7), 8 bits of seconds in VRRPv2. */
const centiseconds = { unitMs: 10, most: 0x0fff } as const
const seconds = { unitMs: 1000, most: 0xff } as const

/** An advertisement. */
export interface VrrpAdvert {
  readonly version: 2 | 3
  readonly virtualRouterId: number
  /** 0: the master gives up; 255: it owns the addresses. */
  readonly priority: number
  /** Whole centiseconds up to 40950 ms in VRRPv3; whole seconds up to 255 s in VRRPv2. */
  readonly advertIntervalMs: number
  readonly addresses: readonly string[]
}

/** Between which addresses an advert goes; VRRPv3 covers them by its checksum. */
export interface VrrpPath {
  readonly source: string
  readonly destination: string
}

/** The bytes of an advert, checksum included; fields beyond their limits are cut to them. */
export function encodeVrrp(advert: VrrpAdvert, path: VrrpPath): Uint8Array {
  const { version, addresses } = advert
  const listed = addresses.map(addressBytes)
  const listLength = listed.reduce((length, bytes) => length + bytes.length, 0)
  const bytes = new Uint8Array(
    headerLength + listLength + (version === 2 ? authenticationLength : 0),
  )
  const view = new DataView(bytes.buffer)
  bytes[0] = (version << 4) | advertisement
  bytes[1] = advert.virtualRouterId
  bytes[2] = advert.priority
  bytes[3] = addresses.length
  view.setUint16(4, units(advert))
  let at = headerLength
  for (const address of listed) {
    bytes.set(address, at)
    at += address.length
  }
  view.setUint16(6, checksum(version, bytes, path))
  return bytes
}

/**
 * The advert in the payload of an IP packet, or why it is none (RFC 9568 section 7.1; RFC 3768 section 7.1).
 * An empty list of addresses is let pass: Seesaw sends none. Reserved bits count for nothing.
 */
export function parseVrrp(bytes: Uint8Array, path: VrrpPath): Result<VrrpAdvert, string> {
  const [first = 0, virtualRouterId = 0, priority = 0, count = 0] = bytes
  const version = first >> 4
  if (bytes.length < headerLength) return err(`${bytes.length} bytes are too short for an advert`)
  if (version !== 2 && version !== 3) return err(`version ${version} is not known`)
  if ((first & 0x0f) !== advertisement) return err(`type ${first & 0x0f} is no advertisement`)
  const ipFamily = family(path.source) === 6 ? 6 : 4
  if (version === 2 && ipFamily === 6) return err("VRRPv2 has no IPv6")
  const addressLength = ipFamily === 4 ? 4 : 16
  const end = headerLength + count * addressLength
  const length = end + (version === 2 ? authenticationLength : 0)
  if (bytes.length < length)
    return err(`${count} addresses need ${length} bytes, there are ${bytes.length}`)
  if (version === 2 && bytes[4] !== 0) return err(`authentication type ${bytes[4]} is not known`)
  if (checksum(version, bytes, path) !== 0) return err("the checksum is wrong")
  if (virtualRouterId === 0) return err("virtual_router_id 0 is not allowed")
  const advertIntervalMs = intervalMs(version, bytes)
  if (advertIntervalMs === 0) return err("the interval is 0")
  const addresses = Array.from({ length: count }, (_, index) => {
    const at = headerLength + index * addressLength
    return formatAddress(bytes.subarray(at, at + addressLength))
  })
  return ok({ version, virtualRouterId, priority, advertIntervalMs, addresses })
}

function units({ version, advertIntervalMs }: VrrpAdvert): number {
  const { unitMs, most } = version === 2 ? seconds : centiseconds
  return Math.min(most, Math.max(1, Math.round(advertIntervalMs / unitMs)))
}

/** Byte 4 of VRRPv2 is the type of authentication, the upper 4 bits of VRRPv3 are reserved. */
function intervalMs(version: 2 | 3, bytes: Uint8Array): number {
  const { unitMs, most } = version === 2 ? seconds : centiseconds
  return ((((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0)) & most) * unitMs
}

/** VRRPv2 sums its own bytes, VRRPv3 the pseudo-header too (RFC 9568 section 5.2.8). */
function checksum(version: 2 | 3, bytes: Uint8Array, { source, destination }: VrrpPath): number {
  return version === 2
    ? internetChecksum(bytes)
    : internetChecksum(pseudoHeader(source, destination, vrrpProtocol, bytes.length), bytes)
}

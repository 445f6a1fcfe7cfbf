import { isIPv4, isIPv6 } from "node:net"

/** `.` and `0` in ASCII. */
const [dot, zero] = [0x2e, 0x30]

/** 4 or 6; undefined when `text` is no IP address. */
export function family(text: string): 4 | 6 | undefined {
  if (!text.includes(":")) return isIPv4(text) ? 4 : undefined
  return isIPv6(text) && !text.includes("%") ? 6 : undefined
}

/**
 * Network bytes of an address: 4 for IPv4, 16 for IPv6.
 * @throws RangeError when `text` is no IP address; parsers check first with `family`.
 */
export function addressBytes(text: string): Uint8Array {
  const version = family(text)
  if (version === undefined) throw new RangeError(`not an IP address: ${text}`)
  if (version === 4) return ipv4Bytes(text)
  const [head = "", tail] = embeddedIpv4ToHex(text).split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right]
  const bytes = new Uint8Array(16)
  groups.forEach((group, index) => {
    const value = Number.parseInt(group, 16)
    bytes[index * 2] = value >> 8
    bytes[index * 2 + 1] = value & 0xff
  })
  return bytes
}

function ipv4Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4)
  let place = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === dot) place++
    else bytes[place] = (bytes[place] ?? 0) * 10 + code - zero
  }
  return bytes
}

/** Text of 4 or 16 network bytes; IPv6 in the form of RFC 5952. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".")
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0),
  )
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.start < 0) return hex.join(":")
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`
}

/** One spelling for each address: `2001:DB8:0::1` becomes `2001:db8::1`. */
export function canonicalAddress(text: string): string {
  // Four decimal numbers without leading zeros have one spelling already.
  return family(text) === 6 ? formatAddress(addressBytes(text)) : text
}

/** Whether `address` lies in `network/prefix`; false across families. */
export function contains(network: string, prefix: number, address: string): boolean {
  if (network.includes(":") !== address.includes(":")) return false
  if (family(network) === undefined || family(address) === undefined) return false
  const net = addressBytes(network)
  const addr = addressBytes(address)
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = prefix - bit >= 8 ? 0xff : (0xff << (8 - (prefix - bit))) & 0xff
    if (((net[bit / 8] ?? 0) & mask) !== ((addr[bit / 8] ?? 0) & mask)) return false
  }
  return true
}

/** By family, then numerically: the canonical order of real servers. */
export function compareAddresses(a: string, b: string): number {
  const left = addressBytes(a)
  const right = addressBytes(b)
  if (left.length !== right.length) return left.length - right.length
  for (const [index, byte] of left.entries()) {
    const difference = byte - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** `192.0.2.10:80`, `[2001:db8::10]:80`. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`
}

function embeddedIpv4ToHex(text: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (match === null) return text
  const [, head, a, b, c, d] = match.map((part, index) => (index < 2 ? part : Number(part)))
  const high = (Number(a) << 8) | Number(b)
  const low = (Number(c) << 8) | Number(d)
  return `${String(head)}${high.toString(16)}:${low.toString(16)}`
}

import { internetChecksum } from "./internet-checksum.ts"

/** RFC 792 (echo, echo reply) and RFC 4443 sections 4.1, 4.2. */
const types = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const
const headerLength = 8

/** An echo request. The kernel writes the checksum of ICMPv6 (RFC 3542 section 3.1), we that of ICMP. */
export function echoRequest(
  version: 4 | 6,
  id: number,
  sequence: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(headerLength + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, types[version].request)
  view.setUint16(4, id)
  view.setUint16(6, sequence)
  bytes.set(payload, headerLength)
  if (version === 4) view.setUint16(2, internetChecksum(bytes))
  return bytes
}

/** The payload of an echo reply as a raw socket hands it over, with its IP header (raw(7)) or without (IPv6); undefined for anything else. */
export function parseEchoReply(version: 4 | 6, packet: Uint8Array): Uint8Array | undefined {
  const skipped = version === 4 ? ((packet[0] ?? 0) & 0xf) * 4 : 0
  const message = packet.subarray(skipped)
  if (message.length < headerLength || message[0] !== types[version].reply || message[1] !== 0)
    return undefined
  return message.subarray(headerLength)
}

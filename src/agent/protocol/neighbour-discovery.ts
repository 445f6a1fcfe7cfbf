import { addressBytes, formatAddress } from "../../core/address.ts"
import {
  ethernetFrame,
  ethernetHeaderLength,
  ethernetPayload,
  etherTypes,
  formatMac,
  macBytes,
} from "./ethernet.ts"
import { internetChecksum, pseudoHeader } from "./internet-checksum.ts"
import { packetFilter } from "./packet-filter.ts"

/** IPv6 header (RFC 8200, 3). */
const ipHeaderLength = 40
const icmp = 58
/** Type, code, checksum, reserved or flags, target (RFC 4861, 4.3 and 4.4). */
const messageLength = 24
/** Type 1 or 2, length in units of 8 bytes, MAC (RFC 4861, 4.6.1). */
const optionLength = 8
const options = { sourceLinkLayer: 1, targetLinkLayer: 2 } as const
const types = { solicitation: 135, advertisement: 136 } as const
/** All neighbour discovery has this hop limit, so that none came through a router (RFC 4861, 7.1). */
const hopLimit = 255

/** For the kernel, on a packet socket: neighbour advertisements only, out of all IPv6 that passes. */
export const advertisementFilter = packetFilter([
  { at: ethernetHeaderLength + 6, is: icmp },
  { at: ethernetHeaderLength + ipHeaderLength, is: types.advertisement },
])

/** Who claims an address, as a neighbour advertisement tells it. */
export interface NeighbourAdvertisement {
  readonly address: string
  readonly mac: string
}

/** ff02::1:ff00:0/104 with the last 24 bits of an address (RFC 4291, 2.7.1). */
export function solicitedNodeAddress(address: string): string {
  const group = addressBytes("ff02::1:ff00:0")
  group.set(addressBytes(address).subarray(13), 13)
  return formatAddress(group)
}

/** A frame that asks who has an IPv6 address: a neighbour solicitation to its solicited-node group (RFC 4861, 4.3). */
export function neighbourSolicitation(mac: string, source: string, wanted: string): Uint8Array {
  const group = solicitedNodeAddress(wanted)
  const message = discoveryMessage(types.solicitation, 0, wanted, options.sourceLinkLayer, mac)
  return ipFrame(groupMac(group), mac, source, group, message)
}

/** A frame that says an IPv6 address is at a MAC: a solicited, overriding neighbour advertisement (RFC 4861, 4.4). */
export function neighbourAdvertisement(
  claim: NeighbourAdvertisement,
  to: { readonly mac: string; readonly address: string },
): Uint8Array {
  const solicitedOverride = 0x60
  const message = discoveryMessage(
    types.advertisement,
    solicitedOverride,
    claim.address,
    options.targetLinkLayer,
    claim.mac,
  )
  return ipFrame(to.mac, claim.mac, claim.address, to.address, message)
}

/**
 * A frame that tells everyone on the segment that an IPv6 address is at a MAC now: an unsolicited, overriding neighbour advertisement to
 * all nodes (RFC 4861, 7.2.6; RFC 9568, 8.2.2).
 */
export function unsolicitedAdvertisement(claim: NeighbourAdvertisement): Uint8Array {
  const [override, allNodes] = [0x20, "ff02::1"]
  const { address, mac } = claim
  const message = discoveryMessage(
    types.advertisement,
    override,
    address,
    options.targetLinkLayer,
    mac,
  )
  return ipFrame(groupMac(allNodes), mac, address, allNodes, message)
}

/**
 * The neighbour advertisement of a frame; undefined for anything else. Extension headers are not followed: hosts send none here.
 * Without a target link-layer option the frame's sender counts.
 */
export function parseNeighbourAdvertisement(frame: Uint8Array): NeighbourAdvertisement | undefined {
  const packet = ethernetPayload(frame, etherTypes.ipv6)
  if (packet === undefined || packet.length < ipHeaderLength + messageLength) return undefined
  if (packet[6] !== icmp || packet[7] !== hopLimit) return undefined
  if (packet[ipHeaderLength] !== types.advertisement || packet[ipHeaderLength + 1] !== 0)
    return undefined
  const end = ipHeaderLength + (((packet[4] ?? 0) << 8) | (packet[5] ?? 0))
  if (end > packet.length || end < ipHeaderLength + messageLength) return undefined
  const message = packet.subarray(ipHeaderLength, end)
  const address = formatAddress(message.subarray(8, messageLength))
  return {
    address,
    mac: targetMac(message.subarray(messageLength)) ?? formatMac(frame.subarray(6, 12)),
  }
}

/** ICMPv6 checksum: one's complement sum with the pseudo-header of RFC 8200, 8.1; 0 over a message that holds its right checksum. */
export function icmpChecksum(source: string, destination: string, message: Uint8Array): number {
  return internetChecksum(pseudoHeader(source, destination, icmp, message.length), message)
}

function discoveryMessage(
  type: number,
  flags: number,
  target: string,
  option: number,
  mac: string,
): Uint8Array {
  const message = new Uint8Array(messageLength + optionLength)
  message[0] = type
  message[4] = flags
  message.set(addressBytes(target), 8)
  message[messageLength] = option
  message[messageLength + 1] = 1
  message.set(macBytes(mac), messageLength + 2)
  return message
}

/** The frame of an ICMPv6 message; fills in its checksum. */
function ipFrame(
  toMac: string,
  fromMac: string,
  source: string,
  destination: string,
  message: Uint8Array,
): Uint8Array {
  const packet = new Uint8Array(ipHeaderLength + message.length)
  const view = new DataView(packet.buffer)
  packet[0] = 0x60
  view.setUint16(4, message.length)
  packet[6] = icmp
  packet[7] = hopLimit
  packet.set(addressBytes(source), 8)
  packet.set(addressBytes(destination), 24)
  packet.set(message, ipHeaderLength)
  view.setUint16(ipHeaderLength + 2, icmpChecksum(source, destination, message))
  return ethernetFrame(toMac, fromMac, etherTypes.ipv6, packet)
}

/** 33:33 and the last 32 bits of a multicast address (RFC 2464, 7). */
function groupMac(group: string): string {
  return `33:33:${formatMac(addressBytes(group).subarray(12))}`
}

function targetMac(list: Uint8Array): string | undefined {
  for (let at = 0; at + optionLength <= list.length;) {
    if (list[at] === options.targetLinkLayer && list[at + 1] === 1)
      return formatMac(list.subarray(at + 2, at + optionLength))
    const length = (list[at + 1] ?? 0) * 8
    if (length === 0) return undefined
    at += length
  }
  return undefined
}

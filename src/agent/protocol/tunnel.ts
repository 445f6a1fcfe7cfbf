import { ipProtocols } from "../../core/ip-protocols.ts"
import { assertNever } from "../../core/result.ts"
import type { Tunnel } from "../../model/ipvs.ts"
import { etherTypes } from "./ethernet.ts"
import { udpDatagram } from "./udp.ts"

/** Between whom the packets of a tunnel go. */
export interface TunnelEnds {
  readonly source: string
  readonly destination: string
}

/** What the outer IP header carries: its protocol, and the bytes behind it. */
export interface Encapsulated {
  readonly protocol: number
  readonly bytes: Uint8Array
}

/** Variant 0 of GUE names the protocol inside and has no further fields (draft-ietf-intarea-gue, section 3.1). */
const gueHeaderLength = 4
const greHeaderLength = 4

/** The protocol that a tunnel's outer header names. */
export function tunnelProtocol({ type }: Tunnel, inner: 4 | 6): number {
  switch (type) {
    case "ipip":
      return ipProtocol(inner)
    case "gre":
      return ipProtocols.gre
    case "gue":
      return ipProtocols.udp
    default:
      return assertNever(type)
  }
}

/** A packet as IPVS sends it to a real server of forwarding `tun` (net/netfilter/ipvs/ip_vs_xmit.c); GRE as RFC 2784 without options. */
export function encapsulate(
  tunnel: Tunnel,
  packet: Uint8Array,
  inner: 4 | 6,
  ends: TunnelEnds,
): Encapsulated {
  const protocol = tunnelProtocol(tunnel, inner)
  switch (tunnel.type) {
    case "ipip":
      return { protocol, bytes: packet }
    case "gre": {
      const header = new Uint8Array(greHeaderLength)
      new DataView(header.buffer).setUint16(2, inner === 4 ? etherTypes.ipv4 : etherTypes.ipv6)
      return { protocol, bytes: joined(header, packet) }
    }
    case "gue": {
      const header = new Uint8Array(gueHeaderLength)
      header[1] = ipProtocol(inner)
      const port = tunnel.port ?? 0
      const path = { ...ends, sourcePort: port, destinationPort: port }
      return { protocol, bytes: udpDatagram(path, joined(header, packet)) }
    }
    default:
      return assertNever(tunnel.type)
  }
}

function ipProtocol(inner: 4 | 6): number {
  return inner === 4 ? ipProtocols.ipip : ipProtocols.ipv6
}

function joined(header: Uint8Array, packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(header.length + packet.length)
  bytes.set(header)
  bytes.set(packet, header.length)
  return bytes
}

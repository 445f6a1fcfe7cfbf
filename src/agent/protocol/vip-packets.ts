import { ipProtocols } from "../../core/ip-protocols.ts"
import { family } from "../../core/address.ts"
import type { VipOutcome } from "../../model/vip-probe.ts"
import { parseIcmpError, quotedPacket } from "./icmp-error.ts"
import { ipHeaderLength, ipPacket, parseIpPacket, type IpPacket } from "./ip-packet.ts"
import { parseTcp, tcpHeaderLength, tcpReset, tcpSyn, type TcpPath } from "./tcp.ts"
import { parsePorts, udpDatagram } from "./udp.ts"

/**
 * A host without the VIP that is a router sends the packet on to who holds it, and a real server behind that would answer. It
 * gets no further than one hop: to a container behind the real server's own address translation, not through a director.
 */
const hops = 2

/** A packet that asks for a connection to the VIP; of `bytes` in all where given. */
export function synPacket(path: TcpPath, sequence: number, bytes?: number): Uint8Array {
  const least = packetBytes(path, 0)
  const payload = new Uint8Array(Math.max(0, (bytes ?? least) - least))
  return packet(path, ipProtocols.tcp, tcpSyn(path, sequence, payload))
}

/** A packet that takes back what a SYN-ACK opened, by the number that this acknowledged. */
export function resetPacket(path: TcpPath, acknowledged: number): Uint8Array {
  return packet(path, ipProtocols.tcp, tcpReset(path, acknowledged))
}

/** An empty datagram to the VIP. */
export function datagramPacket(path: TcpPath): Uint8Array {
  return packet(path, ipProtocols.udp, udpDatagram(path))
}

/** Bytes of a packet of TCP with such a segment, headers without options. */
export function packetBytes({ source }: Pick<TcpPath, "source">, segment: number): number {
  return ipHeaderLength[family(source) ?? 4] + tcpHeaderLength + segment
}

function packet(path: TcpPath, protocol: number, payload: Uint8Array): Uint8Array {
  const { source, destination } = path
  return ipPacket({ source, destination, protocol, payload }, hops)
}

/** What came back for the packet that was sent from `ownPort` to the VIP and port. */
export interface VipReply {
  readonly vip: string
  readonly port: number
  readonly ownPort: number
  readonly outcome: Extract<VipOutcome, "answered" | "refused" | "rejected" | "passed-on">
  readonly words?: string
  /** Of a SYN-ACK: what it acknowledges, and the largest segment it asks for. */
  readonly opened?: { readonly acknowledged: number; readonly mss?: number }
}

/** The answer that a packet to the director is; undefined for one that is none. */
export function readVipReply(bytes: Uint8Array): VipReply | undefined {
  const heard = parseIpPacket(bytes)
  if (heard === undefined) return undefined
  if (heard.protocol === ipProtocols.tcp) return readSegment(heard)
  if (heard.protocol === ipProtocols.udp) return readDatagram(heard)
  return readError(heard)
}

function readSegment({ source: vip, payload }: IpPacket): VipReply | undefined {
  const segment = parseTcp(payload)
  if (segment === undefined) return undefined
  const { sourcePort: port, destinationPort: ownPort, acknowledged, mss } = segment
  if (segment.rst) return { vip, port, ownPort, outcome: "refused" }
  if (!segment.syn || !segment.ack) return undefined
  const opened = { acknowledged, ...(mss === undefined ? {} : { mss }) }
  return { vip, port, ownPort, outcome: "answered", opened }
}

function readDatagram({ source: vip, payload }: IpPacket): VipReply | undefined {
  const ports = parsePorts(payload)
  if (ports === undefined) return undefined
  return { vip, port: ports.sourcePort, ownPort: ports.destinationPort, outcome: "answered" }
}

function readError(heard: IpPacket): VipReply | undefined {
  const error = parseIcmpError(heard)
  const asked = error === undefined ? undefined : quotedPacket(error.quoted)
  const ports = asked === undefined ? undefined : parsePorts(asked.payload)
  if (error === undefined || asked === undefined || ports === undefined) return undefined
  const about = { vip: asked.destination, port: ports.destinationPort, ownPort: ports.sourcePort }
  switch (error.meaning) {
    case "port-unreachable":
      return { ...about, outcome: "refused" }
    case "passed-on":
      return { ...about, outcome: "passed-on" }
    case "unreachable":
      return { ...about, outcome: "rejected", words: error.words }
    case "too-big":
      // A larger packet was too large for the way; that it is not answered says the same.
      return undefined
  }
}

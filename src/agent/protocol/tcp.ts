import { ipProtocols } from "../../core/ip-protocols.ts"
import { internetChecksum, pseudoHeader } from "./internet-checksum.ts"

/** RFC 9293 section 3.1: the header without options, its control bits and the option of the largest segment (section 3.7.1). */
export const tcpHeaderLength = 20
const control = { syn: 0x02, rst: 0x04, ack: 0x10 } as const
const options = { end: 0, none: 1, mss: 2, mssLength: 4 } as const
const window = 0xffff

/** Between whom a segment goes. */
export interface TcpPath {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

export interface TcpSegment {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledged: number
  readonly syn: boolean
  readonly rst: boolean
  readonly ack: boolean
  /** Largest segment that the sender takes; absent where it does not say. */
  readonly mss?: number
}

/** A segment that asks for a connection. `payload` only makes it large: who has not agreed to TCP Fast Open answers to the SYN alone. */
export function tcpSyn(
  path: TcpPath,
  sequence: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  return segment(path, { flags: control.syn, sequence, payload })
}

/** A segment that ends a connection which the other side has half opened. */
export function tcpReset(path: TcpPath, sequence: number): Uint8Array {
  return segment(path, { flags: control.rst, sequence, payload: new Uint8Array() })
}

function segment(
  { source, sourcePort, destination, destinationPort }: TcpPath,
  { flags, sequence, payload }: { flags: number; sequence: number; payload: Uint8Array },
): Uint8Array {
  const bytes = new Uint8Array(tcpHeaderLength + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, sourcePort)
  view.setUint16(2, destinationPort)
  view.setUint32(4, sequence)
  view.setUint8(12, (tcpHeaderLength / 4) << 4)
  view.setUint8(13, flags)
  view.setUint16(14, window)
  bytes.set(payload, tcpHeaderLength)
  const covered = pseudoHeader(source, destination, ipProtocols.tcp, bytes.length)
  view.setUint16(16, internetChecksum(covered, bytes))
  return bytes
}

/** The segment that bytes hold; undefined when they are cut short. */
export function parseTcp(bytes: Uint8Array): TcpSegment | undefined {
  if (bytes.length < tcpHeaderLength) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const header = (view.getUint8(12) >> 4) * 4
  if (header < tcpHeaderLength || header > bytes.length) return undefined
  const flags = view.getUint8(13)
  const mss = largestSegment(bytes.subarray(tcpHeaderLength, header))
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledged: view.getUint32(8),
    syn: (flags & control.syn) !== 0,
    rst: (flags & control.rst) !== 0,
    ack: (flags & control.ack) !== 0,
    ...(mss === undefined ? {} : { mss }),
  }
}

function largestSegment(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < bytes.length;) {
    const [kind, length = 0] = bytes.subarray(at, at + 2)
    if (kind === options.end) return undefined
    if (kind === options.none) at++
    else if (kind === options.mss && length === options.mssLength && at + length <= bytes.length)
      return ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    else if (length < 2) return undefined
    else at += length
  }
  return undefined
}

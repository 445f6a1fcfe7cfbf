import { ipProtocols } from "../../core/ip-protocols.ts"
import { parseIpPacket, type IpPacket } from "./ip-packet.ts"

/** Type, code and eight bytes; then what is quoted (RFC 792, RFC 4443 section 2.1). */
const headerLength = 8

/** What an ICMP error says, with the beginning of the packet that it is about. */
export interface IcmpError {
  /** `passed-on`: the host that got the packet sent it on, or would have if it had not been its last hop. */
  readonly meaning: "port-unreachable" | "passed-on" | "too-big" | "unreachable"
  readonly words: string
  readonly quoted: Uint8Array
}

type Meaning = readonly [IcmpError["meaning"], string]
const portUnreachable: Meaning = ["port-unreachable", "port unreachable"]
const timeExceeded: Meaning = ["passed-on", "time exceeded"]
/** RFC 792 type 5, RFC 4861 section 4.5: what a router says that sends a packet back to where it came from. */
const redirected: Meaning = ["passed-on", "redirected"]
const tooBig: Meaning = ["too-big", "packet too big"]

/** Destination unreachable, by code: RFC 792, RFC 1812 section 5.2.7.1. */
const unreachable4 = new Map<number, Meaning>([
  [0, ["unreachable", "network unreachable"]],
  [1, ["unreachable", "host unreachable"]],
  [2, ["unreachable", "protocol unreachable"]],
  [3, portUnreachable],
  [4, tooBig],
  [9, ["unreachable", "network prohibited"]],
  [10, ["unreachable", "host prohibited"]],
  [13, ["unreachable", "administratively prohibited"]],
])
/** Destination unreachable, by code: RFC 4443 section 3.1. */
const unreachable6 = new Map<number, Meaning>([
  [0, ["unreachable", "no route"]],
  [1, ["unreachable", "administratively prohibited"]],
  [3, ["unreachable", "address unreachable"]],
  [4, portUnreachable],
  [5, ["unreachable", "refused by policy"]],
  [6, ["unreachable", "route rejected"]],
])

/** The error that an IP packet carries; undefined for every other packet. A redirect of ICMPv6 quotes in an option, and is none. */
export function parseIcmpError({ protocol, payload }: IpPacket): IcmpError | undefined {
  const [type, code] = payload
  if (type === undefined || code === undefined || payload.length < headerLength) return undefined
  const meaning =
    protocol === ipProtocols.icmp
      ? meaning4(type, code)
      : protocol === ipProtocols.icmpv6
        ? meaning6(type, code)
        : undefined
  if (meaning === undefined) return undefined
  return { meaning: meaning[0], words: meaning[1], quoted: payload.subarray(headerLength) }
}

function meaning4(type: number, code: number): Meaning | undefined {
  if (type === 3) return unreachable4.get(code) ?? ["unreachable", `unreachable, code ${code}`]
  if (type === 5) return redirected
  return type === 11 && code === 0 ? timeExceeded : undefined
}

function meaning6(type: number, code: number): Meaning | undefined {
  if (type === 1) return unreachable6.get(code) ?? ["unreachable", `unreachable, code ${code}`]
  if (type === 2) return tooBig
  // Sent by who decapsulates a protocol that it does not know: parameter problem, next header (RFC 4443 section 3.4).
  if (type === 4 && code === 1) return ["unreachable", "protocol unreachable"]
  return type === 3 && code === 0 ? timeExceeded : undefined
}

/** The packet inside of the tunnel that a quotation begins with; the quoted packet itself where it is no tunnel's. */
export function quotedPacket(quoted: Uint8Array): IpPacket | undefined {
  const packet = parseIpPacket(quoted)
  if (packet?.protocol === ipProtocols.ipip || packet?.protocol === ipProtocols.ipv6)
    return parseIpPacket(packet.payload)
  return packet
}

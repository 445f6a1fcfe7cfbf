import { ipProtocols } from "../core/ip-protocols.ts"

/** Numbers of IP protocols by the names that iptables and nft print them with (/etc/protocols). */
const numbers: ReadonlyMap<string, number> = new Map<string, number>([
  ...Object.entries(ipProtocols),
  ["igmp", 2],
  ["ipencap", ipProtocols.ipip],
  ["ipv4", ipProtocols.ipip],
  ["esp", 50],
  ["ah", 51],
  ["ipv6-icmp", ipProtocols.icmpv6],
  ["ospf", 89],
  // Not what is called so elsewhere: there it is ipencap.
  ["ipip", 94],
  ["udplite", 136],
])

/** The number of a protocol that is named or numbered; undefined for a name that is not known. */
export function protocolNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : numbers.get(text)
}

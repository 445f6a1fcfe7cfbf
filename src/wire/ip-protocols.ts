/** Numbers of IP protocols by the names that iptables and nft print them with (/etc/protocols). */
const numbers: ReadonlyMap<string, number> = new Map([
  ["icmp", 1],
  ["igmp", 2],
  ["ipencap", 4],
  ["ipv4", 4],
  ["tcp", 6],
  ["udp", 17],
  ["ipv6", 41],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["icmpv6", 58],
  ["ipv6-icmp", 58],
  ["ospf", 89],
  ["ipip", 94],
  ["vrrp", 112],
  ["sctp", 132],
  ["udplite", 136],
])

/** The number of a protocol that is named or numbered; undefined for a name that is not known. */
export function protocolNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : numbers.get(text)
}

/** Numbers of IP protocols: https://www.iana.org/assignments/protocol-numbers, by the names they have here. */
export const ipProtocols = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  icmpv6: 58,
  vrrp: 112,
  sctp: 132,
} as const

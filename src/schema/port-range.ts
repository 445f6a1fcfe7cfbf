/** Ports as written: one, or those from the first to the last. */
export interface PortRange {
  readonly first: number
  readonly last: number
  readonly protocol: "tcp" | "udp" | "sctp"
}

/** `80`, `80/tcp`, `53/udp`, `8000-8010/tcp`, of which the pattern of the schema has made sure. */
export function parsePorts(source: number | string): PortRange {
  const [numbers = "", word] = String(source).split("/")
  const [first = 0, last = first] = numbers.split("-").map(Number)
  return { first, last, protocol: word === "udp" || word === "sctp" ? word : "tcp" }
}

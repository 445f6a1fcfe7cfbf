import type { Protocol } from "./ipvs.ts"

/** What of a VIP's packets belongs to a fwmark service; 0 to 65535 is every port. */
export interface MarkMatch {
  readonly address: string
  readonly protocol: Protocol
  readonly first: number
  readonly last: number
}

/** A rule that gives packets from clients the mark by which IPVS finds their service. */
export interface MarkRule extends MarkMatch {
  readonly fwmark: number
}

/** The marking rules that a kernel holds. */
export interface HeldMarks {
  /** Those that packets come by. */
  readonly rules: readonly MarkRule[]
  /** lbctl's chains hold nothing else, and packets come by each of them once. */
  readonly intact: boolean
}

/** Ports 0 to this are every port. */
export const lastPort = 65_535

/** `tcp 192.0.2.10:80-81`, `udp [2001:db8::10]:*`: what is marked. */
export function matchName({ address, protocol, first, last }: MarkMatch): string {
  const host = address.includes(":") ? `[${address}]` : address
  const ports = first === 0 && last === lastPort ? "*" : first === last ? first : `${first}-${last}`
  return `${protocol} ${host}:${ports}`
}

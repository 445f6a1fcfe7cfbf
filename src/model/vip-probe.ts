import type { Tunnel } from "./ipvs.ts"

/** A VIP and port that a real server is asked on, as clients' packets reach it: to its MAC address (dr) or in its tunnel (tun). */
export interface VipQuestion {
  readonly vip: string
  readonly protocol: "tcp" | "udp"
  readonly port: number
  /** The real server's own address. */
  readonly server: string
  /** Of a `tun` real server; absent: `dr`. */
  readonly tunnel?: Tunnel
}

/**
 * What a packet to the VIP met on the real server:
 * - `answered`: a SYN-ACK, or a datagram, from the VIP and port
 * - `refused`: a reset or port unreachable: the packet got there, and nobody listens
 * - `rejected`: another ICMP error, of a firewall or a host that decapsulates nothing
 * - `passed-on`: the host is a router that sent it on: the VIP is not its own
 * - `silent`: nothing
 * - `absent`: nobody on the segment has the real server's own address (dr)
 * - `unsent`: the director could not ask
 */
export const vipOutcomes = [
  "answered",
  "refused",
  "rejected",
  "passed-on",
  "silent",
  "absent",
  "unsent",
] as const
export type VipOutcome = (typeof vipOutcomes)[number]

/** A packet as large as the real server lets clients send them. */
export interface FullSize {
  /** Bytes of the packet, IP header included, tunnel not. */
  readonly bytes: number
  /** What the director could send on, as one packet. */
  readonly sent: number
  /** One of `sent` bytes was answered too. */
  readonly answered: boolean
}

export interface VipAnswer {
  readonly outcome: VipOutcome
  /** Of `rejected` and `unsent`: why. */
  readonly words?: string
  /** Of an answered question over TCP. */
  readonly full?: FullSize
}

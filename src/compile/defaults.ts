import { parseDuration } from "../core/duration.ts"
import type { Forwarding, IpvsDriver, Scheduler } from "../model/ipvs.ts"

/** What a cluster means when it is silent; times in milliseconds. The schemas state the same values. */
export const clusterDefaults = {
  forwarding: "dr" as Forwarding,
  ipvs: "native" as IpvsDriver,
  driver: "keepalived",
  advertIntervalMs: 1000,
  preempt: false,
  unicast: true,
  garpRefreshMs: 1000,
} as const

/** Which releases hosts keep when clusters.yml is silent. */
/** At most one notification of a channel in this time. */
export const notificationDefaults = { minIntervalMs: 10_000 } as const
export const releasesKept = { count: 10, maxAgeMs: 90 * 86_400_000 } as const

/** What a service means when it is silent; times in milliseconds. */
export const serviceDefaults = {
  scheduler: "wlc" as Scheduler,
  prefix4: 32,
  prefix6: 128,
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  quorumUp: 1,
  hysteresis: 0,
  watermarkLow: 0,
  drainTimeoutMs: 30_000,
} as const

/** What a check means when it is silent; times in milliseconds. */
export const checkDefaults = {
  intervalMs: 6000,
  timeoutMs: 3000,
  retries: 1,
  delayBeforeRetryMs: 1000,
  rise: 1,
  method: "GET",
  path: "/",
  status: 200,
  requireReply: false,
  name: ".",
  record: "SOA",
  rcode: "NOERROR",
  transport: "udp",
  loginAnswer: "accept",
  user: "nobody",
} as const

/**
 * Priorities by order: 150, 140, 130 ...; closer together where more than 15 directors would pass 1
 * (RFC 9568 section 5.2.4: 1 to 254 for routers that do not own the address).
 */
export function defaultPriority(index: number, count: number): number {
  const step = Math.min(10, Math.max(1, Math.floor(149 / Math.max(1, count - 1))))
  return Math.max(1, 150 - index * step)
}

/** The address VRRP carries when none is chosen: link-local (RFC 3927), the VRID as its last byte. */
export function defaultAnchor(virtualRouterId: number): string {
  return `169.254.255.${virtualRouterId}`
}

/** A duration that the schema has passed, in milliseconds. */
export function milliseconds(text: string | undefined, byDefault: number): number {
  return text === undefined ? byDefault : (parseDuration(text) ?? byDefault)
}

import type { IpvsTimeouts } from "../../model/ipvs.ts"

const names = ["tcp", "tcpFin", "udp"] as const

/** What is to be written, and what is to be remembered of the time before. */
export interface TimeoutStep {
  readonly set: Partial<IpvsTimeouts>
  /** The values before lbctl of what is wanted. */
  readonly prior: Partial<IpvsTimeouts>
}

/**
 * How the kernel's timeouts become the wanted ones. One that is no longer wanted goes back to what it was before.
 * A timeout that the kernel lacks (0: no such protocol) is nothing to remember.
 */
export function stepTimeouts(
  wanted: Partial<IpvsTimeouts>,
  actual: IpvsTimeouts,
  before: Partial<IpvsTimeouts>,
): TimeoutStep {
  const set: { -readonly [Name in keyof IpvsTimeouts]?: number } = {}
  const prior: { -readonly [Name in keyof IpvsTimeouts]?: number } = {}
  for (const name of names) {
    const target = wanted[name] ?? before[name]
    if (target !== undefined && target !== actual[name]) set[name] = target
    if (wanted[name] !== undefined && actual[name] > 0) prior[name] = before[name] ?? actual[name]
  }
  return { set, prior }
}

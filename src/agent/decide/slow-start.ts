import type { DirectorState } from "../../model/desired.ts"
import { keyOf } from "../../plan/ipvs-runtime.ts"

/**
 * The weight of a server that came up `joinedMs` and grows into its own over `slowStartMs`: in proportion to the time,
 * at least 1. Undefined once it is over, and where there is nothing to grow. A clock that was set back begins anew.
 */
export function rampedWeight(
  weight: number,
  joinedMs: number,
  slowStartMs: number,
  nowMs: number,
): number | undefined {
  const passed = Math.max(0, nowMs - joinedMs) / slowStartMs
  if (passed >= 1 || weight <= 1) return undefined
  return Math.max(1, Math.floor(weight * passed))
}

/** The weights of all servers in slow start, by `serverKey`; `joined` tells when servers came up. */
export function slowStarts(
  state: DirectorState,
  joined: (key: string) => number | undefined,
  nowMs: number,
): Map<string, number> {
  const ramps = new Map<string, number>()
  for (const service of state.services) {
    const { slowStartMs } = service
    if (slowStartMs === undefined) continue
    for (const server of service.servers) {
      const joinedMs = joined(keyOf(service, server))
      if (joinedMs === undefined) continue
      const weight = rampedWeight(server.weight, joinedMs, slowStartMs, nowMs)
      if (weight !== undefined) ramps.set(keyOf(service, server), weight)
    }
  }
  return ramps
}

import type { DesiredServer, DesiredService, DirectorState } from "../../model/desired.ts"
import type { OverrideScope } from "../../model/override.ts"
import { keyOf } from "../../plan/ipvs-runtime.ts"
import { covers } from "../../plan/overrides.ts"

/** The weight of the moment of a server in slow start, and when it has its own, in milliseconds since 1970. */
export interface SlowStart {
  readonly weight: number
  readonly untilMs: number
}

/** What a weight grows by: from when on, over how long, in milliseconds. */
interface Ramp {
  readonly fromMs: number
  readonly overMs: number
}

/** A drain that was lifted so that weights grow. */
export interface Resumption extends OverrideScope, Ramp {}

/** Why weights grow. */
export interface Beginnings {
  /** When a server came up, by `serverKey`, in milliseconds since 1970. */
  readonly joined: (key: string) => number | undefined
  readonly resumed: readonly Resumption[]
}

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

/** All servers in slow start, by `serverKey`: those that came up, and those that were resumed so. The slower of both counts. */
export function slowStarts(
  state: DirectorState,
  { joined, resumed }: Beginnings,
  nowMs: number,
): Map<string, SlowStart> {
  const starts = new Map<string, SlowStart>()
  for (const service of state.services) {
    if (service.slowStartMs === undefined && resumed.length === 0) continue
    for (const server of service.servers) {
      const ramps = [...comingUp(service, server, joined), ...resuming(service, server, resumed)]
      const start = slowest(server.weight, ramps, nowMs)
      if (start !== undefined) starts.set(keyOf(service, server), start)
    }
  }
  return starts
}

function comingUp(
  service: DesiredService,
  server: DesiredServer,
  joined: Beginnings["joined"],
): Ramp[] {
  if (service.slowStartMs === undefined) return []
  const fromMs = joined(keyOf(service, server))
  return fromMs === undefined ? [] : [{ fromMs, overMs: service.slowStartMs }]
}

function resuming(
  { name }: DesiredService,
  { host }: DesiredServer,
  resumed: readonly Resumption[],
): readonly Ramp[] {
  return resumed.filter((one) => covers(one, { host, service: name }))
}

function slowest(weight: number, ramps: readonly Ramp[], nowMs: number): SlowStart | undefined {
  return ramps.reduce<SlowStart | undefined>((least, { fromMs, overMs }) => {
    const grown = rampedWeight(weight, fromMs, overMs, nowMs)
    if (grown === undefined) return least
    const untilMs = Math.max(fromMs + overMs, least?.untilMs ?? 0)
    return { weight: Math.min(grown, least?.weight ?? grown), untilMs }
  }, undefined)
}

import type { TraceEvent } from "../model/trace.ts"

/** Takes what happens between lbctl and one host, as it happens. */
export type Trace = (host: string, event: TraceEvent) => void

/** A trace and what it takes to tell. */
export interface Tracing {
  readonly trace: Trace
  /** Steady, in milliseconds. */
  readonly clock: () => number
  /** Who logs in where the inventory names nobody. */
  readonly user: string
}

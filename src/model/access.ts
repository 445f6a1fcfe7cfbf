import { overrideActions } from "./override.ts"

/** What somebody may do in a cluster; to lift an override is as to set it. */
export const operations = [...overrideActions, "failover"] as const
export type Operation = (typeof operations)[number]

/** Who may do what in a cluster. Where a cluster has rules, what none of them grants is refused. */
export interface AccessRule {
  readonly cluster: string
  /** Login names on the directors. */
  readonly users: readonly string[]
  /** Unix groups there. */
  readonly groups: readonly string[]
  readonly operations: readonly Operation[]
  /** Names under `services:`; undefined: all of the cluster, and its directors. */
  readonly services?: readonly string[]
  /** Inventory names of real servers, and of directors for their priority; undefined: all. */
  readonly hosts?: readonly string[]
}

/** Who gives an order on a director. */
export interface Login {
  readonly user: string
  readonly groups: readonly string[]
}

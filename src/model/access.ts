import type { OverrideAction } from "./override.ts"

/** Who may set and lift which overrides in a cluster. Where a cluster has rules, what none of them grants is refused. */
export interface AccessRule {
  readonly cluster: string
  /** Login names on the directors. */
  readonly users: readonly string[]
  /** Unix groups there. */
  readonly groups: readonly string[]
  readonly operations: readonly OverrideAction[]
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

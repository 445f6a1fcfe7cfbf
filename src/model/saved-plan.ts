import type { ShownPlan } from "./plan.ts"
import type { System } from "./system.ts"

/** What a plan was made from on one host: nothing of it can be read back. */
export interface HostPrint {
  /** Name of the bundle: SHA-256 of all the host shall hold. */
  readonly bundle: string
  /** The host's system, on which the bundle depends; absent: the usual one. */
  readonly system?: System
  /** SHA-256 of each part of what it held, by the part's name; without what changes by itself. */
  readonly observed: Readonly<Record<string, string>>
}

/** A plan kept in a file, to be applied exactly or refused. It holds no file contents. */
export interface SavedPlan {
  /** Version of the lbctl that made it. */
  readonly lbctl: string
  /** ISO 8601, UTC. */
  readonly created: string
  /** As paths from the folder that lbctl ran in. */
  readonly inventories: readonly string[]
  /** Of the inventory's Git repository, where there is one. */
  readonly commit?: string
  readonly limit?: string
  readonly tags?: string
  readonly skipTags?: string
  /** Every host of the run. */
  readonly hosts: Readonly<Record<string, HostPrint>>
  /** SHA-256 of each step of the plan with its operations, in the plan's order. */
  readonly steps: readonly string[]
  readonly plan: ShownPlan
}

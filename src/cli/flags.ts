import type { Tags } from "../plan/tags.ts"
import type { FormatFlags } from "./format.ts"
import type { KeyFlags } from "./keys.ts"

/** Options of plan. */
export interface PlanFlags extends KeyFlags, FormatFlags, Tags {
  readonly limit?: string
  readonly diff?: true
  readonly detailedExitcode?: true
  /** File to save the plan in. */
  readonly out?: string
  readonly hooks: boolean
  readonly hookTimeout: string
}

/** Options of apply and of what applies a part. */
export interface ApplyFlags extends KeyFlags, FormatFlags, Tags {
  readonly limit?: string
  readonly yes?: true
  readonly diff?: true
  /** Names of guards, commas between them. */
  readonly allow?: string
  readonly confirmTimeout: string
  readonly lockWait: string
  readonly hostTimeout?: string
  /** Sizes of batches, commas between them. */
  readonly serial?: string
  readonly maxFail?: string
  /** Names of hosts, commas between them. */
  readonly canary?: string
  readonly soak?: string
  /** Left out: as clusters.yml says. */
  readonly handover?: boolean
  readonly hooks: boolean
  readonly hookTimeout: string
}

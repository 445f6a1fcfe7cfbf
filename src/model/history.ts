import type { Change } from "./plan.ts"

/** A change as history keeps it: what was touched, not its content. */
export type RecordedChange = Pick<Change, "kind" | "action" | "subject">

/** How one activation on one host ended, as the host wrote it down. */
export interface HistoryEntry {
  /** One run of lbctl over all its hosts. */
  readonly run: string
  /** `apply`, `rollback`, `setup`, `teardown`. */
  readonly what?: string
  readonly release: string
  readonly transaction: string
  readonly by: string
  /** The controller's host name. */
  readonly from: string
  /** When the run began, by the controller's clock: ISO 8601 in UTC. */
  readonly since: string
  readonly commit?: string
  readonly result: "confirmed" | "reverted" | "revert-failed"
  /** Why it was reverted. */
  readonly why?: string
  /** How many changes there were; `changes` has the first of them. */
  readonly changed?: number
  readonly changes: readonly RecordedChange[]
  /** Milliseconds of each step on the host: `stage`, `activate`, `confirm` (from activated to confirmed). */
  readonly steps: Readonly<Record<string, number>>
  /** From the activation to its end; null when the host was booted in between. */
  readonly seconds: number | null
  /** When it ended, by the host's clock: ISO 8601 in UTC. */
  readonly at: string
}

import type { Outcome, Step } from "./event.ts"

/** One step that one host went through. */
export interface StepReport {
  readonly step: Step
  readonly ms: number
  readonly failure?: { readonly code: string; readonly message: string; readonly hint?: string }
}

/** What one host went through, and how it ended. */
export interface HostReport {
  readonly host: string
  readonly outcome: Outcome
  readonly detail?: string
  /** The release it was to get, and the transactions it was to come in, when anything was to change. */
  readonly release?: string
  readonly transactions?: readonly string[]
  readonly steps: readonly StepReport[]
}

/** What happened in a run: printed at its end, and written as JSON. */
export interface Report {
  readonly format: 1
  /** The run's id, as the hosts' histories and locks have it. */
  readonly run: string
  /** ISO 8601, UTC. */
  readonly started: string
  readonly ms: number
  /** docs/exit-codes.md. */
  readonly exitCode: number
  readonly hosts: readonly HostReport[]
  readonly notices: readonly {
    readonly host?: string
    readonly message: string
    readonly hint?: string
  }[]
}

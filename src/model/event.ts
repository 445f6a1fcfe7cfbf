import type { Phase } from "./plan.ts"

/** Steps of the conversation with one node (DESIGN 5). */
export type Step =
  | "connect"
  | "observe"
  | "install"
  | "stage"
  | "handover"
  | "hook"
  | "activate"
  | "soak"
  | "converge"
  | "confirm"
  | "verify"
  | "drain"
  | "revert"

/** Everything a run can report; printed as tasks, lines or NDJSON, and kept in the Report. */
export type Event =
  | {
      readonly type: "phase"
      readonly phase: Phase
      readonly hosts: readonly string[]
      /** Which wave of the phase it is, when there are several. */
      readonly part?: { readonly number: number; readonly of: number }
      readonly canary?: true
    }
  | {
      readonly type: "step"
      readonly host: string
      readonly step: Step
      readonly state: "start" | "done"
      readonly detail?: string
      readonly ms?: number
    }
  | {
      readonly type: "failed"
      readonly host: string
      readonly step: Step
      readonly code: string
      readonly message: string
      readonly hint?: string
    }
  | {
      readonly type: "notice"
      readonly host?: string
      readonly message: string
      readonly hint?: string
    }
  | {
      readonly type: "outcome"
      readonly host: string
      readonly outcome: Outcome
      readonly detail?: string
    }

/** How a host ended. */
export type Outcome =
  | "changed"
  | "unchanged"
  | "failed"
  | "reverted"
  | "unreachable"
  | "skipped"
  | "locked"
  | "stale"

/** Whether a host ended with what it shall hold. */
export function isWell(outcome: Outcome): boolean {
  return outcome === "changed" || outcome === "unchanged"
}

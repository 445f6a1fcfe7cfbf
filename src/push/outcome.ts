import type { FailureCode } from "../core/failure.ts"
import { assertNever } from "../core/result.ts"
import type { Outcome } from "../model/event.ts"

/** How a host ends whose step failed so. */
export function outcomeOf(code: FailureCode): Outcome {
  switch (code) {
    case "unreachable":
    case "stale":
    case "locked":
    case "reverted":
      return code
    case "interrupted":
      return "skipped"
    case "failed":
    case "input":
    case "guarded":
      return "failed"
    default:
      return assertNever(code)
  }
}

/** The worst first: what decides a host's outcome when its phases ended differently. */
const bySeverity: readonly Outcome[] = [
  "failed",
  "reverted",
  "unreachable",
  "locked",
  "stale",
  "changed",
  "skipped",
  "unchanged",
]

/** One outcome for a host with several phases. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return bySeverity.find((outcome) => outcomes.includes(outcome)) ?? "unchanged"
}

/**
 * The exit code of a run (docs/exit-codes.md) by its hosts' outcomes. 8 wins over the reasons that stopped the rollout,
 * since it alone says that the fleet is on two releases.
 */
export function exitCode(outcomes: readonly Outcome[], interrupted: boolean): number {
  const any = (outcome: Outcome) => outcomes.includes(outcome)
  if (interrupted) return 130
  if (any("changed") && any("skipped")) return 8
  if (any("failed")) return 1
  if (any("reverted")) return 7
  if (any("locked")) return 6
  if (any("stale")) return 5
  if (any("unreachable")) return 4
  return any("skipped") ? 1 : 0
}

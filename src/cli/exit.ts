import { assertNever } from "../core/result.ts"
import type { FailureCode } from "../core/failure.ts"

/** Exit codes as docs/exit-codes.md explains them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  changes: 2,
  input: 3,
  unreachable: 4,
  stale: 5,
  locked: 6,
  reverted: 7,
  partial: 8,
  guarded: 9,
  interrupted: 130,
} as const

/** The exit code of a failure. */
export function exitCodeOf(code: FailureCode): number {
  switch (code) {
    case "failed":
      return exitCodes.failed
    case "input":
      return exitCodes.input
    case "unreachable":
      return exitCodes.unreachable
    case "stale":
      return exitCodes.stale
    case "locked":
      return exitCodes.locked
    case "reverted":
      return exitCodes.reverted
    case "guarded":
      return exitCodes.guarded
    case "interrupted":
      return exitCodes.interrupted
    default:
      return assertNever(code)
  }
}

import type { GuardName, Plan } from "../model/plan.ts"
import { exitCodes } from "./exit.ts"

/** Why a plan may not be applied as it stands, with the next step; nothing has been touched. */
export interface Obstacle {
  readonly message: string
  /** The exit code (docs/exit-codes.md). */
  readonly code: number
}

/** What stands against applying the plan, the worst first: blocked hosts, unreachable hosts, guards not allowed. */
export function obstacleOf(plan: Plan, allowed: ReadonlySet<GuardName>): Obstacle | undefined {
  if (plan.blocked.length > 0) {
    return {
      message: 'Nothing was changed: mend what is listed under "Cannot be done", then apply again.',
      code: exitCodes.failed,
    }
  }
  if (plan.unreachable.length > 0) {
    return { message: `Nothing was changed: ${unreachable(plan)}`, code: exitCodes.unreachable }
  }
  const refused = [...new Set(plan.guards.map((guard) => guard.guard))].filter(
    (guard) => !allowed.has(guard),
  )
  if (refused.length === 0) return undefined
  return {
    message: `Nothing was changed: this looks like an accident. If it is meant: --allow ${refused.join(",")}`,
    code: exitCodes.guarded,
  }
}

function unreachable({ hosts, unchanged, unreachable: missing }: Plan): string {
  if (hosts.length === 0 && unchanged.length === 0) return "none of the hosts could be reached."
  const out = missing.map(({ host }) => `!${host}`).join(",")
  const names = missing.map(({ host }) => host).join(", ")
  return `${names} could not be reached. To go on without: --limit '${out}' (added to a --limit you gave).`
}

import type { GuardName, Plan } from "../model/plan.ts"
import { exitCodes } from "./exit.ts"

/** Why a plan may not be applied as it stands, with the next step; nothing has been touched. */
export interface Obstacle {
  readonly message: string
  /** The exit code (docs/exit-codes.md). */
  readonly code: number
}

/**
 * What stands against applying the plan, the worst first: blocked hosts, unreachable hosts beyond what is tolerated, canaries
 * of the command line that can be none, guards not allowed.
 */
export function obstacleOf(
  plan: Plan,
  allowed: ReadonlySet<GuardName>,
  tolerated: boolean,
  canaries: readonly string[] = [],
): Obstacle | undefined {
  if (plan.blocked.length > 0) {
    return {
      message: 'Nothing was changed: mend what is listed under "Cannot be done", then apply again.',
      code: exitCodes.failed,
    }
  }
  if (plan.unreachable.length > 0 && !tolerated) {
    return { message: `Nothing was changed: ${unreachable(plan)}`, code: exitCodes.unreachable }
  }
  const canary = canaries
    .map((host) => badCanary(host, plan))
    .find((message) => message !== undefined)
  if (canary !== undefined)
    return { message: `Nothing was changed: ${canary}`, code: exitCodes.input }
  const refused = [...new Set(plan.guards.map((guard) => guard.guard))].filter(
    (guard) => !allowed.has(guard),
  )
  if (refused.length === 0) return undefined
  return {
    message: `Nothing was changed: this looks like an accident. If it is meant: --allow ${refused.join(",")}`,
    code: exitCodes.guarded,
  }
}

/** Why a host can't be the canary of this plan. */
function badCanary(host: string, { hosts }: Plan): string | undefined {
  const own = hosts.filter((plan) => plan.host === host)
  const others = [
    ...new Set(hosts.filter(({ phase }) => phase !== "master").map((one) => one.host)),
  ]
  if (hosts.length === 0) return undefined
  const instead = others.length === 0 ? "" : ` Others that change: ${shortList(others)}.`
  if (own.length === 0) return `${host} has nothing to change, so it can't be the canary.${instead}`
  if (!own.some(({ phase }) => phase === "master")) return undefined
  return `${host} is a master; a canary is a real server or a backup director.${instead}`
}

function shortList(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(", ")} and more` : names.join(", ")
}

function unreachable({ hosts, unchanged, unreachable: missing }: Plan): string {
  if (hosts.length === 0 && unchanged.length === 0) return "none of the hosts could be reached."
  const out = missing.map(({ host }) => `!${host}`).join(",")
  const names = missing.map(({ host }) => host).join(", ")
  return `${names} could not be reached. To go on without: --limit '${out}' (added to a --limit you gave).`
}

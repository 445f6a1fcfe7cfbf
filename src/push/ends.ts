import type { Failure } from "../core/failure.ts"
import { outcomeOf } from "./outcome.ts"
import type { End, RolloutInput, Turn } from "./rollout-context.ts"
import { whyStop } from "./stop-rule.ts"

/** How turns ended so far; none for a turn that never began. */
export type Ends = Map<Turn, End>

/** The end that a failure makes. */
export function endOf(failure: Failure): End {
  return { outcome: outcomeOf(failure.code), detail: failure.message }
}

/** All steps of one host. */
export function turnsOf(host: string, turns: readonly Turn[]): Turn[] {
  return turns.filter((turn) => turn.planned.host === host)
}

/** The end of a step that would do harm after what happened to another host, or earlier to this one. */
export function heldBack({ planned }: Turn, ends: Ends, { plan }: RolloutInput): End | undefined {
  const bad = new Set(plan.unreachable.map(({ host }) => host))
  for (const [turn, { outcome }] of ends) {
    if (outcome !== "changed") bad.add(turn.planned.host)
  }
  const reason = [planned.host, ...planned.dependsOn].find((host) => bad.has(host))
  if (reason === undefined) return undefined
  const detail =
    reason === planned.host ? "its step before failed" : `held back, since ${reason} is not through`
  return { outcome: "skipped", detail }
}

/** Why no further host may begin after these ends; undefined while the rollout may go on. */
export function whyStopped({ waves, plan }: RolloutInput, ends: Ends): string | undefined {
  const failed = [...ends].flatMap(([{ planned }, { outcome }]) =>
    outcome === "changed" || outcome === "skipped" ? [] : [planned],
  )
  return whyStop(
    waves,
    failed,
    plan.unreachable.map(({ host }) => host),
  )
}

import { sha256 } from "../core/digest.ts"
import { groupBy } from "../core/group.ts"
import type { ShownStep } from "../model/plan.ts"

/**
 * Steps of hosts that change alike, to be shown once, in the order of the first of each.
 * @param contents file contents count too: they are shown.
 */
export function sameHosts(plans: readonly ShownStep[], contents: boolean): ShownStep[][] {
  return [...groupBy(plans, (plan) => printOf(plan, contents)).values()]
}

/** Short, since the files of hundreds of hosts are long. */
function printOf({ phase, changes }: ShownStep, contents: boolean): string {
  const shown = changes.map(({ action, kind, subject, meaning, risk, before, after }) => [
    [action, kind, subject, meaning, risk],
    contents ? [before, after] : [],
  ])
  return sha256(JSON.stringify([phase, shown]))
}

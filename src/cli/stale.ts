import { inventoryWords } from "./inventories.ts"
import { plural } from "../core/text.ts"
import type { Notice } from "../model/plan.ts"
import type { SavedPlan } from "../model/saved-plan.ts"
import { planFleet } from "../plan/fleet.ts"
import { staleReasons } from "../plan/stale.ts"
import type { Contacted } from "./contact.ts"
import { exitCodes } from "./exit.ts"
import { complain, print } from "./output.ts"

/** So many reasons make it clear. */
const shownReasons = 20

/** The exit code that ends an apply of a saved plan, said why; undefined when the hosts are as they were when it was made. */
export function refuseChanged(
  saved: SavedPlan,
  { inputs, unreachable, warnings }: Contacted,
  json: boolean,
): number | undefined {
  if (unreachable.length > 0) {
    const names = unreachable.map(({ host, message }) => `  ${host}: ${message}`)
    complain(`Nothing was changed: not all hosts of the saved plan could be reached.`)
    complain(names.join("\n"))
    return exitCodes.unreachable
  }
  const reasons = staleReasons(saved, inputs, planFleet(inputs, unreachable, warnings))
  return reasons.length === 0 ? undefined : tellStale(saved, reasons, json)
}

/** Says why a saved plan is not applied; the exit code for that. */
export function tellStale(saved: SavedPlan, reasons: readonly Notice[], json: boolean): number {
  if (json) {
    print(JSON.stringify({ type: "stale", reasons }))
    return exitCodes.stale
  }
  complain("The saved plan is stale: nothing was written.")
  for (const { host, message } of reasons.slice(0, shownReasons))
    complain(`  ${host === undefined ? "" : `${host}: `}${message}`)
  const more = reasons.length - shownReasons
  if (more > 0) complain(`  and ${plural(more, "more difference")}`)
  complain(`It was made ${originOf(saved)}.`)
  complain(`    plan again: ${planLine(saved)}`)
  return exitCodes.stale
}

/** When and from what a plan was made. */
export function originOf({ created, commit, lbctl }: SavedPlan): string {
  return `${created}${commit === undefined ? "" : ` from commit ${commit}`} by lbctl ${lbctl}`
}

function planLine({ inventories, limit, tags, skipTags }: SavedPlan): string {
  const options = [
    ["limit", limit],
    ["tags", tags],
    ["skip-tags", skipTags],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`--${name} '${value}'`]))
  return ["lbctl plan", inventoryWords(inventories), ...options, "--out FILE"].join(" ")
}

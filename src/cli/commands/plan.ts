import { hasChanges, planFleet } from "../../plan/fleet.ts"
import { planJson } from "../../plan/json.ts"
import { planText } from "../../plan/text.ts"
import { withChosen } from "../chosen.ts"
import { withContacted } from "../contact.ts"
import { exitCodes } from "../exit.ts"
import type { PlanFlags } from "../flags.ts"
import { print, printJson } from "../output.ts"
import { warn } from "../problems.ts"

/** `lbctl plan`: what an apply would do; nothing is written anywhere. */
export async function plan(inventory: string | undefined, flags: PlanFlags): Promise<number> {
  const json = flags.json === true
  return withChosen(inventory, flags, (definition, hosts) => {
    if (!json) warn(definition.warnings)
    return withContacted(definition, hosts, json, async ({ inputs, unreachable }) => {
      const planned = planFleet(inputs, unreachable)
      if (json) printJson(planJson(planned))
      else print(planText(planned, { diff: flags.diff === true }))
      if (planned.blocked.length > 0) return exitCodes.failed
      if (unreachable.length > 0) return exitCodes.unreachable
      return flags.detailedExitcode === true && hasChanges(planned)
        ? exitCodes.changes
        : exitCodes.done
    })
  })
}

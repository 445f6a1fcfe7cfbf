import { hasChanges, planFleet } from "../../plan/fleet.ts"
import { planJson } from "../../plan/json.ts"
import { planText } from "../../plan/text.ts"
import { withContacted } from "../contact.ts"
import { exitCodes } from "../exit.ts"
import type { PlanFlags } from "../flags.ts"
import { selectHosts } from "../limit.ts"
import { print, printJson } from "../output.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse, warn } from "../problems.ts"

/** `lbctl plan`: what an apply would do; nothing is written anywhere. */
export async function plan(inventory: string | undefined, flags: PlanFlags): Promise<number> {
  const json = flags.json === true
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, json)
  const selected = selectHosts(flags.limit, definition.value.fleet.hosts)
  if (!selected.ok) return refuse(selected.error, json)
  if (!json) warn(definition.value.warnings)
  return withContacted(definition.value, selected.value, json, async ({ inputs, unreachable }) => {
    const planned = planFleet(inputs, unreachable)
    if (json) printJson(planJson(planned))
    else print(planText(planned, { diff: flags.diff === true }))
    if (planned.blocked.length > 0) return exitCodes.failed
    if (unreachable.length > 0) return exitCodes.unreachable
    return flags.detailedExitcode === true && hasChanges(planned)
      ? exitCodes.changes
      : exitCodes.done
  })
}

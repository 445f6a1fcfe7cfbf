import { hasChanges, planFleet } from "../../plan/fleet.ts"
import { planJson } from "../../plan/json.ts"
import { planText } from "../../plan/text.ts"
import { contact, openPool } from "../contact.ts"
import { exitCodes } from "../exit.ts"
import { selectHosts } from "../limit.ts"
import type { PlanFlags } from "../flags.ts"
import { print, printJson } from "../output.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse, warn } from "../problems.ts"
import { openSink } from "../sink.ts"

/** `lbctl plan`: what an apply would do; nothing is written anywhere. */
export async function plan(inventory: string | undefined, options: PlanFlags): Promise<number> {
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, options.json === true)
  const { fleet, warnings } = definition.value
  const selected = selectHosts(options.limit, fleet.hosts)
  if (!selected.ok) return refuse(selected.error, options.json === true)
  if (options.json !== true) warn(warnings)

  const sink = openSink({ json: false, quiet: options.json === true })
  const pool = openPool(fleet)
  try {
    const { inputs, unreachable } = await contact(definition.value, selected.value, pool, sink.emit)
    sink.close()
    const planned = planFleet(inputs, unreachable)
    if (options.json === true) printJson(planJson(planned))
    else print(planText(planned, { diff: options.diff === true }))
    if (planned.blocked.length > 0) return exitCodes.failed
    if (unreachable.length > 0) return exitCodes.unreachable
    return options.detailedExitcode === true && hasChanges(planned)
      ? exitCodes.changes
      : exitCodes.done
  } finally {
    sink.close()
    pool.close()
  }
}

import { withContacted } from "../contact.ts"
import { deploy } from "../deploy.ts"
import type { ApplyFlags } from "../flags.ts"
import { selectHosts } from "../limit.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse, warn } from "../problems.ts"

/** `lbctl apply`: makes the fleet what the definition says. */
export async function apply(inventory: string | undefined, flags: ApplyFlags): Promise<number> {
  const json = flags.json === true
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, json)
  const selected = selectHosts(flags.limit, definition.value.fleet.hosts)
  if (!selected.ok) return refuse(selected.error, json)
  if (!json) warn(definition.value.warnings)
  return withContacted(definition.value, selected.value, json, (contacted, pool) =>
    deploy({ definition: definition.value, contacted, pool, flags }),
  )
}

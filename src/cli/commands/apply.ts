import { contact, openPool } from "../contact.ts"
import { deploy } from "../deploy.ts"
import type { ApplyFlags } from "../flags.ts"
import { selectHosts } from "../limit.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse, warn } from "../problems.ts"
import { openSink } from "../sink.ts"

/** `lbctl apply`: makes the fleet what the definition says. */
export async function apply(inventory: string | undefined, flags: ApplyFlags): Promise<number> {
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, flags.json === true)
  const selected = selectHosts(flags.limit, definition.value.fleet.hosts)
  if (!selected.ok) return refuse(selected.error, flags.json === true)
  if (flags.json !== true) warn(definition.value.warnings)
  const sink = openSink({ json: flags.json === true, quiet: false })
  const pool = openPool(definition.value.fleet)
  try {
    const contacted = await contact(definition.value, selected.value, pool, sink.emit)
    return await deploy({ definition: definition.value, contacted, pool, sink, flags })
  } finally {
    sink.close()
    pool.close()
  }
}

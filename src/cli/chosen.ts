import { selectHosts } from "./limit.ts"
import { readDefinition, type Definition } from "./pipeline.ts"
import { refuse } from "./problems.ts"

/** What most commands are given. */
export interface ChoiceFlags {
  readonly limit?: string
  readonly json?: true
}

/**
 * Reads the definition, chooses its hosts by `--limit`, and does `work` with both. Problems of either are printed and end
 * the command with the exit code of bad input: no host is contacted.
 */
export async function withChosen(
  inventory: string | undefined,
  flags: ChoiceFlags,
  work: (definition: Definition, hosts: ReadonlySet<string>) => number | Promise<number>,
): Promise<number> {
  const json = flags.json === true
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, json)
  const selected = selectHosts(flags.limit, definition.value.fleet.hosts)
  if (!selected.ok) return refuse(selected.error, json)
  return work(definition.value, selected.value)
}

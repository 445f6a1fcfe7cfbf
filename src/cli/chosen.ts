import type { Problem } from "../core/problem.ts"
import { ok, type Result } from "../core/result.ts"
import { chooseByTags, type Tagged, type Tags } from "../plan/tags.ts"
import type { Inventories } from "./inventories.ts"
import { formatOf, type FormatFlags } from "./format.ts"
import type { KeyFlags } from "./keys.ts"
import { selectHosts } from "./limit.ts"
import { readDefinition, type Definition } from "./pipeline.ts"
import { refuse } from "./problems.ts"

/** What most commands are given. */
export interface ChoiceFlags extends KeyFlags, FormatFlags, Tags {
  readonly limit?: string
}

/**
 * Reads the definition, chooses its hosts by `--limit`, and does `work` with these, and with the services that
 * tags choose. Problems of either are printed and end
 * the command with the exit code of bad input: no host is contacted.
 */
export async function withChosen(
  inventory: Inventories,
  flags: ChoiceFlags,
  work: (
    definition: Definition,
    hosts: ReadonlySet<string>,
    services: ReadonlySet<string> | undefined,
  ) => number | Promise<number>,
): Promise<number> {
  const format = formatOf(flags)
  const definition = await readDefinition(inventory, flags)
  if (!definition.ok) return refuse(definition.error, format)
  const currentFolder = process.cwd()
  const selected = selectHosts(flags.limit, { ...definition.value, currentFolder })
  if (!selected.ok) return refuse(selected.error, format)
  const tagged = withTags(definition.value, selected.value, flags)
  if (!tagged.ok) return refuse(tagged.error, format)
  const { hosts, services } = tagged.value
  return work(definition.value, hosts, services)
}

/** Without tags all that were chosen: also those of no role, which lbctl may have to leave. */
function withTags(
  { bundles, fleet }: Definition,
  hosts: ReadonlySet<string>,
  flags: Tags,
): Result<Tagged, Problem[]> {
  if (flags.tags === undefined && flags.skipTags === undefined) return ok({ hosts })
  const members = [...bundles.values()]
  const services = fleet.services.map((service) => service.name)
  const chosen = members.filter(({ host }) => hosts.has(host))
  return chooseByTags(flags, chosen, { members, services })
}

/** Hosts among the chosen that the definition has something for; with a `--limit` all that it names. */
export function managedHosts(
  { bundles }: Definition,
  chosen: ReadonlySet<string>,
  limit: string | undefined,
): ReadonlySet<string> {
  if (limit !== undefined) return chosen
  return new Set([...chosen].filter((host) => bundles.has(host)))
}

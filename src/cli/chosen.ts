import type { Problem } from "../core/problem.ts"
import { ok, type Result } from "../core/result.ts"
import { unmanagedNames } from "../model/unmanaged.ts"
import { chooseByTags, type Tagged, type Tags } from "../plan/tags.ts"
import type { Inventories } from "./inventories.ts"
import { formatOf, type FormatFlags } from "./format.ts"
import type { KeyFlags } from "./keys.ts"
import { selectHosts } from "./limit.ts"
import { readDefinition, type Definition } from "./pipeline.ts"
import { refuse } from "./problems.ts"
import { nobodyToManage } from "./unmanaged.ts"

/** What most commands are given. */
export interface ChoiceFlags extends KeyFlags, FormatFlags, Tags {
  readonly limit?: string
}

/**
 * Reads the definition, chooses its hosts by `--limit`, and does `work` with these, and with the services that
 * tags choose. Problems of either are printed and end
 * the command with the exit code of bad input: no host is contacted.
 */
export function withChosen(
  inventory: Inventories,
  flags: ChoiceFlags,
  work: ChosenWork,
): Promise<number> {
  return withSelected(inventory, flags, work, () => [])
}

/** `withChosen` for what lbctl does by logging in to hosts: a `--limit` that leaves only hosts of others is a problem too. */
export function withManaged(
  inventory: Inventories,
  flags: ChoiceFlags,
  work: ChosenWork,
): Promise<number> {
  return withSelected(inventory, flags, work, nobodyToManage)
}

/** What is done with the chosen hosts and services; gives the exit code. */
type ChosenWork = (
  definition: Definition,
  hosts: ReadonlySet<string>,
  services: ReadonlySet<string> | undefined,
) => number | Promise<number>

async function withSelected(
  inventory: Inventories,
  flags: ChoiceFlags,
  work: ChosenWork,
  check: typeof nobodyToManage,
): Promise<number> {
  const format = formatOf(flags)
  const definition = await readDefinition(inventory, flags)
  if (!definition.ok) return refuse(definition.error, format)
  const currentFolder = process.cwd()
  const selected = selectHosts(flags.limit, { ...definition.value, currentFolder })
  if (!selected.ok) return refuse(selected.error, format)
  const unfit = check(definition.value.fleet, selected.value)
  if (unfit.length > 0) return refuse(unfit, format)
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

/** Hosts among the chosen that the definition has something for; with a `--limit` all that it names, but those that lbctl does not manage. */
export function managedHosts(
  { bundles, fleet }: Definition,
  chosen: ReadonlySet<string>,
  limit: string | undefined,
): ReadonlySet<string> {
  const unmanaged = unmanagedNames(fleet)
  return new Set(
    [...chosen].filter((host) => (limit === undefined ? bundles.has(host) : !unmanaged.has(host))),
  )
}

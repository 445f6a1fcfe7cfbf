import { keepStanding, type DirectorsNow } from "../compile/standing-services.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { DesiredService } from "../model/desired.ts"
import type { NodePool } from "../push/node-pool.ts"
import { contact, type Contacted } from "./contact.ts"
import { withFleet, type Definition } from "./pipeline.ts"

/** What is to be brought to its new state. */
export interface Choice {
  readonly definition: Definition
  readonly hosts: ReadonlySet<string>
  /** Only these services. */
  readonly services: ReadonlySet<string> | undefined
}

/**
 * The definition in which only the chosen services are new, and the hosts these concern: looks at all directors for what the
 * others are to stay. Without a choice of services what was given. Problems: tags.
 */
export async function narrow(
  { definition, hosts, services }: Choice,
  pool: NodePool,
): Promise<Result<Omit<Choice, "services">, Problem[]>> {
  if (services === undefined) return ok({ definition, hosts })
  const directors = definition.fleet.clusters.flatMap((cluster) => cluster.directors)
  const names = new Set(directors.map(({ host }) => host))
  const { inputs } = await contact(definition, names, pool, () => undefined)
  const open = unfinished(inputs)
  if (open.length > 0) return err(open)
  const now: DirectorsNow = new Map(
    inputs.map(({ observed }) => [observed.host, observed.agent?.desired?.services]),
  )
  const fleet = keepStanding(definition.fleet, services, now)
  if (!fleet.ok) return fleet
  const narrowed = withFleet(definition, fleet.value)
  if (!narrowed.ok) return narrowed
  const concerned = concernedHosts(
    definition,
    services,
    [...now.values()].flatMap((one) => one ?? []),
  )
  return ok({
    definition: narrowed.value,
    hosts: new Set([...hosts].filter((host) => concerned.has(host))),
  })
}

/** The directors of the services' clusters, and the real servers that they have or had. */
function concernedHosts(
  { fleet, views }: Definition,
  services: ReadonlySet<string>,
  before: readonly DesiredService[],
): ReadonlySet<string> {
  const chosen = fleet.services.filter(({ name }) => services.has(name))
  const clusters = new Set(chosen.map(({ cluster }) => cluster))
  return new Set([
    ...fleet.clusters
      .filter(({ name }) => clusters.has(name))
      .flatMap(({ directors }) => directors.map(({ host }) => host)),
    ...chosen.flatMap(({ backends }) => backends.map(({ host }) => host)),
    ...before
      .filter(({ name }) => services.has(name))
      .flatMap(({ servers }) => servers.map(({ host }) => host)),
    ...views
      .filter(({ realserver }) =>
        realserver?.vips.some((vip) => vip.services.some((name) => services.has(name))),
      )
      .map(({ host }) => host),
  ])
}

/** A director in the middle of an apply does not yet hold what it will. */
function unfinished(inputs: Contacted["inputs"]): Problem[] {
  return inputs
    .filter(({ observed }) => observed.transaction !== undefined)
    .map(({ observed }) => ({
      rule: "tags",
      message: `${observed.host} has an apply that is not finished, so its other services cannot stay as they are`,
      hint: "wait for it, or apply without service tags: that settles it",
    }))
}

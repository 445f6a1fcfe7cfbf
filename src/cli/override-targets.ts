import { Failure } from "../core/failure.ts"
import type { OverrideScope } from "../model/override.ts"
import { covers, type Subject } from "../plan/overrides.ts"
import type { Definition } from "./pipeline.ts"

/** Real servers of services, as the definition has them. */
export function subjectsOf({ fleet }: Definition): Subject[] {
  return fleet.services.flatMap(({ name, backends }) =>
    backends.map(({ host }) => ({ host, service: name })),
  )
}

/** Directors of the clusters that balance to a target. */
export function directorsOf(
  { fleet }: Definition,
  { host, service }: OverrideScope,
): ReadonlySet<string> {
  const clusters = new Set(
    fleet.services
      .filter(({ name }) => service === undefined || name === service)
      .filter(({ backends }) => host === undefined || backends.some((one) => one.host === host))
      .map(({ cluster }) => cluster),
  )
  return new Set(
    fleet.clusters
      .filter(({ name }) => clusters.has(name))
      .flatMap(({ directors }) => directors.map((director) => director.host)),
  )
}

/**
 * keepalived never looks at the kernel, and would undo what is set there unseen.
 * @throws Failure `input` when it programs a service of the target.
 */
export function refuseKeepalived({ fleet }: Definition, scope: OverrideScope): void {
  const theirs = new Set(
    fleet.clusters.filter(({ ipvs }) => ipvs === "keepalived").map(({ name }) => name),
  )
  const found = fleet.services.find(
    ({ name, cluster, backends }) =>
      theirs.has(cluster) && backends.some(({ host }) => covers(scope, { host, service: name })),
  )
  if (found === undefined) return
  throw new Failure("input", `keepalived programs ${found.name} and knows no overrides`, {
    hint: "for a drain: weight: 0 in the definition, and lbctl apply",
  })
}

/** All directors. */
export function everyDirector({ fleet }: Definition): ReadonlySet<string> {
  return new Set(fleet.clusters.flatMap(({ directors }) => directors.map(({ host }) => host)))
}

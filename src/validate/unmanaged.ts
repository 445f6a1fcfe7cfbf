import { formatPlace } from "../core/problem.ts"
import { isUnmanaged } from "../model/unmanaged.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** What a host with `lbctl_managed: false` cannot be. */
export const unmanagedRules: readonly Rule[] = [
  {
    id: "director-unmanaged",
    set: "backend",
    reason:
      "IPVS, VRRP and health checks of a director are lbctl's work, which it does by logging in",
    find: unmanagedDirectors,
  },
]

function unmanagedDirectors({ fleet, inCluster }: RuleContext): Breach[] {
  const places = new Map(
    fleet.hosts.filter(isUnmanaged).map(({ name, unmanaged }) => [name, unmanaged]),
  )
  return fleet.clusters.flatMap((cluster) =>
    cluster.directors.flatMap(({ host }) => {
      const at = places.get(host)
      if (at === undefined) return []
      return [
        {
          message: `${host} directs ${cluster.name} and has lbctl_managed: false`,
          at,
          hint: `write true, or take ${host} out of the directors (${formatPlace(inCluster(cluster, "directors"))}): real servers alone can do without lbctl`,
        },
      ]
    }),
  )
}

import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on rollouts. */
export const rolloutRules: readonly Rule[] = [
  {
    id: "canary-unknown",
    set: "backend",
    reason: "a canary that never changes would leave every rollout of the cluster without one",
    find: unknownCanaries,
  },
]

function unknownCanaries({ fleet, servicesOf, inCluster }: RuleContext): Breach[] {
  return fleet.clusters.flatMap((cluster) => {
    const servers = servicesOf(cluster).flatMap((service) => service.backends)
    const known = new Set([...cluster.directors, ...servers].map(({ host }) => host))
    return cluster.rollout.canary.flatMap((host, index) =>
      known.has(host)
        ? []
        : [
            {
              message: `the canary ${host} neither directs nor serves ${cluster.name}`,
              at: inCluster(cluster, "rollout", "canary", index),
              hint: "name a real server of the cluster, or one of its backup directors",
            },
          ],
    )
  })
}

import { unmanagedNames } from "../model/unmanaged.ts"
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
  const unmanaged = unmanagedNames(fleet)
  return fleet.clusters.flatMap((cluster) => {
    const servers = servicesOf(cluster).flatMap((service) => service.backends)
    const known = new Set([...cluster.directors, ...servers].map(({ host }) => host))
    return cluster.rollout.canary.flatMap((host, index) =>
      known.has(host) && !unmanaged.has(host)
        ? []
        : [
            {
              message: unmanaged.has(host)
                ? `the canary ${host} is not lbctl's to set up (lbctl_managed: false)`
                : `the canary ${host} neither directs nor serves ${cluster.name}`,
              at: inCluster(cluster, "rollout", "canary", index),
              hint: "name a real server of the cluster, or one of its backup directors",
            },
          ],
    )
  })
}

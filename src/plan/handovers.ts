import type { DesiredVrrp, HostView } from "../model/desired.ts"
import { policyOf, type RolloutPolicies } from "./waves.ts"

/** By director: the instances that it is to hand over before it changes as a master. */
export function handoversOf(
  views: readonly HostView[],
  policies: RolloutPolicies,
): Map<string, readonly DesiredVrrp[]> {
  return new Map(
    views.flatMap(({ host, director }): [string, readonly DesiredVrrp[]][] => {
      const own = (director?.vrrp ?? []).filter(
        ({ cluster }) => policyOf(cluster, policies).handover,
      )
      return own.length === 0 ? [] : [[host, own]]
    }),
  )
}

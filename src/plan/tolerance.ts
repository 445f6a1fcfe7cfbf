import type { Plan } from "../model/plan.ts"
import { policyOf, type RolloutPolicies } from "./waves.ts"

/**
 * Whether a rollout may begin without the hosts that cannot be reached: they count as failed, by the command line's limit in the
 * whole run, by that of clusters.yml in their cluster.
 */
export function toleratesUnreachable(
  plan: Plan,
  clusterOf: (host: string) => string | undefined,
  policies: RolloutPolicies,
): boolean {
  const silent = plan.unreachable.map(({ host }) => host)
  const reached = [...new Set([...plan.hosts.map(({ host }) => host), ...plan.unchanged])]
  if (reached.length === 0) return silent.length === 0
  const together = policies.choice.maxFail !== undefined
  const group = (host: string) => (together ? undefined : clusterOf(host))
  return silent.every((host) => {
    const { maxFail } = policyOf(group(host), policies)
    const count = (hosts: readonly string[]) =>
      hosts.filter((other) => group(other) === group(host)).length
    const failed = count(silent)
    return "hosts" in maxFail
      ? failed <= maxFail.hosts
      : failed * 100 <= maxFail.percent * (failed + count(reached))
  })
}

import { batchSize, type Share } from "../core/share.ts"
import { phases, type HostPlan, type Phase } from "../model/plan.ts"
import { defaultPolicy, type RolloutChoice, type RolloutPolicy } from "../model/rollout.ts"
import type { Batch, Wave } from "../model/wave.ts"

/** How to go over the hosts of a plan. */
export interface RolloutPolicies {
  /** Of clusters.yml, by cluster. */
  readonly clusters: ReadonlyMap<string, RolloutPolicy>
  /** Of the command line: wins, and is said of all hosts of the run together. */
  readonly choice: RolloutChoice
}

/**
 * The order of a rollout: phase by phase, canaries first, then batch by batch. Every step of the plan is in one wave. Directors
 * of one cluster never share a wave, and masters change one at a time in the whole fleet.
 */
export function wavesOf(plans: readonly HostPlan[], policies: RolloutPolicies): Wave[] {
  return phases.flatMap((phase) => {
    const present = plans.filter((plan) => plan.phase === phase)
    const canaries = present.filter((plan) => isCanary(plan, policies))
    const others = present.filter((plan) => !canaries.includes(plan))
    return [
      ...apart(phase, canaries).map((hosts) => canaryWave(phase, hosts, policies)),
      ...serially(others, policies)
        .flatMap((hosts) => apart(phase, hosts))
        .map((hosts) => ({ phase, batches: batchesOf(hosts, policies) })),
    ]
  })
}

/** The policy for a host of this cluster; for a host of none where undefined. */
export function policyOf(cluster: string | undefined, policies: RolloutPolicies): RolloutPolicy {
  const own = cluster === undefined ? undefined : policies.clusters.get(cluster)
  return { ...(own ?? defaultPolicy), ...policies.choice }
}

/** A master is no canary: when it fails, its cluster's traffic does. */
function isCanary(plan: HostPlan, policies: RolloutPolicies): boolean {
  return plan.phase !== "master" && policyOf(plan.cluster, policies).canary.includes(plan.host)
}

function canaryWave(phase: Phase, hosts: readonly HostPlan[], policies: RolloutPolicies): Wave {
  const soakMs = Math.max(...hosts.map((plan) => policyOf(plan.cluster, policies).soakMs))
  return { phase, batches: batchesOf(hosts, policies), soakMs }
}

/** Batches of the run by the command line's `serial`; else those of each cluster, the first of all, the second of all, and so on. */
function serially(plans: readonly HostPlan[], policies: RolloutPolicies): HostPlan[][] {
  const { serial } = policies.choice
  if (serial !== undefined) return cut(plans, serial)
  const cuts = byCluster(plans).map((own) => cut(own, policyOf(own[0]?.cluster, policies).serial))
  const length = Math.max(0, ...cuts.map((own) => own.length))
  return Array.from({ length }, (_, index) => cuts.flatMap((own) => own[index] ?? []))
}

/** The last size repeats, as with Ansible's `serial`. */
function cut(plans: readonly HostPlan[], sizes: readonly Share[]): HostPlan[][] {
  const batches: HostPlan[][] = []
  for (let from = 0; from < plans.length;) {
    const share = sizes[Math.min(batches.length, sizes.length - 1)] ?? { percent: 100 }
    const to = from + batchSize(share, plans.length)
    batches.push(plans.slice(from, to))
    from = to
  }
  return batches
}

/** Hosts that must not change at the same time, in waves of their own; real servers do not wait for each other. */
function apart(phase: Phase, plans: readonly HostPlan[]): HostPlan[][] {
  if (plans.length === 0) return []
  if (phase === "master") return plans.map((plan) => [plan])
  if (phase !== "backup") return [[...plans]]
  const waves: HostPlan[][] = []
  for (const plan of plans) {
    const wave = waves.find((hosts) => hosts.every((other) => !shareCluster(plan, other)))
    if (wave === undefined) waves.push([plan])
    else wave.push(plan)
  }
  return waves
}

/** A director's plan names the directors of all its clusters. */
function shareCluster(a: HostPlan, b: HostPlan): boolean {
  return a.directors.some((host) => host === b.host) || b.directors.includes(a.host)
}

/** A limit of the command line is one on the whole wave, those of clusters.yml on each cluster's part. */
function batchesOf(plans: readonly HostPlan[], policies: RolloutPolicies): Batch[] {
  const parts = policies.choice.maxFail === undefined ? byCluster(plans) : [plans]
  return parts.map((own) => ({
    hosts: own.map((plan) => plan.host),
    maxFail: policyOf(own[0]?.cluster, policies).maxFail,
  }))
}

function byCluster(plans: readonly HostPlan[]): HostPlan[][] {
  const clusters = new Map<string | undefined, HostPlan[]>()
  for (const plan of plans) {
    clusters.set(plan.cluster, [...(clusters.get(plan.cluster) ?? []), plan])
  }
  return [...clusters.values()]
}

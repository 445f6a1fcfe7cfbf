import fc from "fast-check"
import type { Share } from "../../src/core/share.ts"
import { type HostPlan, type Phase, phases } from "../../src/model/plan.ts"
import type { RolloutPolicy } from "../../src/model/rollout.ts"
import type { RolloutPolicies } from "../../src/plan/waves.ts"
import { hostPlan } from "./plans.ts"

/** A step of a plan; directors are `lb1` and `lb2` of its cluster unless a test says otherwise. */
export function step(host: string, phase: Phase, parts: Partial<HostPlan> = {}): HostPlan {
  return hostPlan({ host, phase, cluster: "c1", changes: [], ...parts })
}

const share: fc.Arbitrary<Share> = fc.oneof(
  fc.record({ hosts: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
)

const policy: fc.Arbitrary<RolloutPolicy> = fc.record({
  serial: fc.array(share, { maxLength: 3 }),
  canary: fc.subarray(["rs-c1-1", "rs-c2-2", "lb-c1-2", "lb-c2-3"]),
  soakMs: fc.nat(60_000),
  maxFail: fc.record({ percent: fc.nat(100) }),
  handover: fc.boolean(),
})

/** What clusters.yml and a command line may ask for. */
export const anyPolicies: fc.Arbitrary<RolloutPolicies> = fc.record({
  clusters: fc
    .dictionary(fc.constantFrom("c1", "c2"), policy)
    .map((byName) => new Map(Object.entries(byName))),
  choice: fc.record(
    { serial: fc.array(share, { minLength: 1, maxLength: 3 }), maxFail: share },
    { requiredKeys: [] },
  ),
})

/** Plans of three clusters with up to four directors and eight real servers each, as planFleet orders them. */
export const anyPlan: fc.Arbitrary<HostPlan[]> = fc
  .tuple(...["c1", "c2", "c3"].map(clusterPlans))
  .map((clusters) => {
    const steps = clusters.flat()
    return phases.flatMap((phase) => steps.filter((item) => item.phase === phase))
  })

function clusterPlans(cluster: string): fc.Arbitrary<HostPlan[]> {
  return fc
    .tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.constantFrom<Phase[]>(["gain"], ["lose"], ["gain", "lose"], ["teardown"]), {
        maxLength: 8,
      }),
    )
    .map(([count, servers]) => {
      const directors = Array.from({ length: count }, (_, index) => `lb-${cluster}-${index + 1}`)
      return [
        ...directors.map((host, index) =>
          step(host, index === 0 ? "master" : "backup", { cluster, directors }),
        ),
        ...servers.flatMap((own, index) =>
          own.map((phase) => step(`rs-${cluster}-${index + 1}`, phase, { cluster, directors })),
        ),
      ]
    })
}

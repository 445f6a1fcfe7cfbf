import type { ShownPlan } from "../model/plan.ts"

/** Version of the plan's JSON form; grows when a reader would have to change. */
export const planFormat = 1

/** The plan for machines. */
export function planJson(plan: ShownPlan): unknown {
  return { format: planFormat, ...withoutContents(plan) }
}

/** The plan without file contents and without operations, which are the node's affair. */
export function withoutContents(plan: ShownPlan): ShownPlan {
  const { unchanged, unreachable, unmanaged, blocked, guards, warnings } = plan
  const hosts = plan.hosts.map(({ host, phase, cluster, release, changes }) => ({
    host,
    phase,
    ...(cluster === undefined ? {} : { cluster }),
    release,
    changes: changes.map(({ before: _before, after: _after, ...change }) => change),
  }))
  const others = unmanaged === undefined ? {} : { unmanaged }
  return { hosts, unchanged, unreachable, ...others, blocked, guards, warnings }
}

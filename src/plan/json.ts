import type { Plan } from "../model/plan.ts"

/** Version of the plan's JSON form; grows when a reader would have to change. */
export const planFormat = 1

/** The plan for machines; operations are the node's affair and stay out. */
export function planJson(plan: Plan): unknown {
  return {
    format: planFormat,
    hosts: plan.hosts.map(({ host, phase, cluster, release, changes }) => ({
      host,
      phase,
      cluster,
      release,
      changes: changes.map(({ before: _before, after: _after, ...change }) => change),
    })),
    unchanged: plan.unchanged,
    unreachable: plan.unreachable,
    blocked: plan.blocked,
    guards: plan.guards,
    warnings: plan.warnings,
  }
}

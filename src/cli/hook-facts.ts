import type { Outcome } from "../model/event.ts"
import type { HostPlan, Plan } from "../model/plan.ts"
import type { Report } from "../model/report.ts"
import { summary } from "../plan/text.ts"

/** What a hook learns of a plan: names and numbers, no content, so no secrets. */
export function planFacts(plan: Plan): object {
  return {
    plan: {
      summary: summary(plan),
      hosts: plan.hosts.map(stepFacts),
      unchanged: plan.unchanged,
      unreachable: plan.unreachable.map(({ host }) => host),
      blocked: [...new Set(plan.blocked.flatMap(({ host }) => host ?? []))],
      guards: [...new Set(plan.guards.map(({ guard }) => guard))],
    },
  }
}

/** What a hook learns of one host's step. */
export function stepFacts({ host, phase, cluster, release, changes }: HostPlan): object {
  return {
    host,
    phase,
    ...(cluster === undefined ? {} : { cluster }),
    release,
    changes: changes.length,
  }
}

/** What a hook learns of how one host's step ended. */
export function endFacts(outcome: Outcome, detail: string | undefined): object {
  return { outcome, ...(detail === undefined ? {} : { detail }) }
}

/** What a hook learns of how a run ended. */
export function reportFacts({ started, ms, hosts }: Report): object {
  const ends = hosts.map(({ host, outcome, detail }) => ({ host, ...endFacts(outcome, detail) }))
  return { report: { started, ms, hosts: ends } }
}

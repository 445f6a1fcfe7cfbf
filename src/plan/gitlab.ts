import type { Change, ShownPlan } from "../model/plan.ts"

/**
 * Counts of changes for the widget of a GitLab merge request: the JSON of `artifacts:reports:terraform` (GitLab, "Terraform
 * integration in merge requests").
 */
export function planGitlab(plan: ShownPlan): {
  readonly create: number
  readonly update: number
  readonly delete: number
} {
  const actions = plan.hosts.flatMap((step) => step.changes.map((change) => change.action))
  const count = (...some: readonly Change["action"][]) =>
    actions.filter((action) => some.includes(action)).length
  return { create: count("add"), update: count("edit", "run"), delete: count("remove") }
}

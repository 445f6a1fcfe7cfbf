import type { Problem } from "../core/problem.ts"
import { formatProblem, sortProblems } from "../core/problem.ts"
import type { Result } from "../core/result.ts"
import { err, ok } from "../core/result.ts"
import type { Bundle } from "../model/bundle.ts"
import type { HostView } from "../model/desired.ts"
import type { Role } from "../model/role.ts"
import { renderBundle } from "./bundle.ts"
import type { Templates } from "./role.ts"

/** The bundles of many hosts, in their order. A problem that several hosts share is told once, with their names. */
export function renderBundles(
  views: readonly HostView[],
  roles: readonly Role[],
  templates: Templates,
): Result<Bundle[], Problem[]> {
  const bundles: Bundle[] = []
  const problems = new Map<string, { readonly problem: Problem; readonly hosts: Set<string> }>()
  for (const view of views) {
    const result = renderBundle(view, roles, templates)
    if (result.ok) bundles.push(result.value)
    else
      for (const problem of result.error) {
        const same = problems.get(formatProblem(problem)) ?? { problem, hosts: new Set() }
        problems.set(formatProblem(problem), same)
        same.hosts.add(view.host)
      }
  }
  if (problems.size === 0) return ok(bundles)
  return err(
    sortProblems(
      [...problems.values()].map(({ problem, hosts }) => ({
        ...problem,
        message: `${problem.message} (on ${someOf([...hosts])})`,
      })),
    ),
  )
}

function someOf(hosts: readonly string[]): string {
  const shown = hosts.slice(0, 3).join(", ")
  return hosts.length > 3 ? `${shown} and ${hosts.length - 3} more` : shown
}

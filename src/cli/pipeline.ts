import { hasErrors, sortProblems, type Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { compileFleet } from "../compile/fleet.ts"
import { compileRoles } from "../compile/role.ts"
import { hostViews } from "../compile/views.ts"
import { loadDocuments } from "../load/documents.ts"
import { findInventory } from "../load/find-inventory.ts"
import type { Bundle } from "../model/bundle.ts"
import type { HostView } from "../model/desired.ts"
import type { Fleet } from "../model/fleet.ts"
import { roleApplies } from "../model/role.ts"
import { renderBundles } from "../render/bundles.ts"
import { validateFleet } from "../validate/fleet.ts"
import { agentRelease, packageFolder } from "./assets.ts"

/** Everything that follows from the user's files, no host asked. */
export interface Definition {
  readonly inventory: string
  readonly fleet: Fleet
  readonly views: readonly HostView[]
  /** By host name. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Worth knowing, no obstacle. */
  readonly warnings: readonly Problem[]
}

/** The first half of every command: files to fleet to what each host must hold, or all problems at once. */
export async function readDefinition(
  argument: string | undefined,
): Promise<Result<Definition, Problem[]>> {
  const inventory = findInventory({
    argument,
    environment: process.env["LBCTL_INVENTORY"],
    currentFolder: process.cwd(),
  })
  if (!inventory.ok) return err([inventory.error])
  const documents = await loadDocuments(inventory.value, { packageFolder: packageFolder() })
  if (!documents.ok) return documents

  const compiled = compileFleet(documents.value)
  const { roles, problems: roleProblems } = compileRoles(documents.value)
  const problems = distinct([
    ...(documents.value.warnings ?? []),
    ...compiled.problems,
    ...validateFleet(compiled.fleet, documents.value),
    ...roleProblems,
  ])
  if (hasErrors(problems)) return err(problems)

  const { fleet } = compiled
  const named = fleet.hosts.filter((host) =>
    roles.some((role) => roleApplies(role, { host: host.name, groups: host.groups })),
  )
  const views = hostViews(fleet, agentRelease(), new Set(named.map((host) => host.name)))
  const rendered = renderBundles(views, roles, documents.value.templates)
  if (!rendered.ok) return err(distinct([...problems, ...rendered.error]))
  const bundles = new Map(rendered.value.map((bundle) => [bundle.host, bundle]))
  return ok({ inventory: inventory.value, fleet, views, bundles, warnings: problems })
}

/** A mistake in a template or a group variable shows on every host that has it; told once. */
function distinct(problems: readonly Problem[]): Problem[] {
  return sortProblems([
    ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
  ])
}

import { hasErrors, sortProblems, type Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { compileFleet } from "../compile/fleet.ts"
import type { Membership } from "../compile/membership.ts"
import { compileRoles } from "../compile/role.ts"
import { hostViews } from "../compile/views.ts"
import { loadDocuments } from "../load/documents.ts"
import { findInventories } from "../load/find-inventory.ts"
import type { Bundle } from "../model/bundle.ts"
import type { HostView } from "../model/desired.ts"
import type { Fleet } from "../model/fleet.ts"
import { roleApplies, type Role } from "../model/role.ts"
import type { Documents, Inventory } from "../schema/documents.ts"
import { renderBundles } from "../render/bundles.ts"
import { wideSecrets } from "../render/secret-modes.ts"
import { validateFleet } from "../validate/fleet.ts"
import { rolesOfOthers } from "../validate/unmanaged.ts"
import type { Inventories } from "./inventories.ts"
import { agentRelease, packageFolder } from "./assets.ts"
import { readKeys } from "./keys.ts"
import type { KeyFlags } from "./keys.ts"

/** Everything that follows from the user's files, no host asked. */
export interface Definition {
  /** As the user names them. */
  readonly inventories: Inventories
  /** Holds clusters.yml, as the user would name it. */
  readonly folder: string
  /** All hosts and groups that patterns can name. */
  readonly known: Inventory
  /** The user's repository: holds its roles, templates and hooks. */
  readonly root: string
  readonly fleet: Fleet
  readonly views: readonly HostView[]
  /** By host name. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Where hosts take their turn, in place of what the fleet says. */
  readonly memberships?: ReadonlyMap<string, Membership>
  /** Worth knowing, no obstacle. */
  readonly warnings: readonly Problem[]
  readonly roles: readonly Role[]
  readonly templates: Documents["templates"]
  /** What all of it was made from. */
  readonly documents: Documents
}

/** The first half of every command: files to fleet to what each host must hold, or all problems at once. */
export async function readDefinition(
  given: Inventories,
  flags: KeyFlags,
): Promise<Result<Definition, Problem[]>> {
  const inventories = findInventories({
    named: given,
    environment: process.env["LBCTL_INVENTORY"],
    currentFolder: process.cwd(),
  })
  if (!inventories.ok) return err([inventories.error])
  const keys = await readKeys(flags, process.env)
  if (!keys.ok) return keys
  const documents = await loadDocuments(inventories.value, {
    packageFolder: packageFolder(),
    keys: keys.value,
  })
  if (!documents.ok) return documents

  const compiled = compileFleet(documents.value)
  const { roles, problems: roleProblems } = compileRoles(documents.value)
  const problems = distinct([
    ...(documents.value.warnings ?? []),
    ...compiled.problems,
    ...validateFleet(compiled.fleet, documents.value),
    ...roleProblems,
    ...rolesOfOthers(roles, compiled.fleet),
  ])
  if (hasErrors(problems)) return err(problems)

  const { folder, root, inventory: known, templates } = documents.value
  const made = makeViews(compiled.fleet, roles, templates)
  if (!made.ok) return err(distinct([...problems, ...made.error]))
  const warnings = sortProblems([...problems, ...wideSecrets([...made.value.bundles.values()])])
  return ok({
    inventories: inventories.value,
    folder,
    root,
    known,
    ...made.value,
    warnings,
    roles,
    templates,
    documents: documents.value,
  })
}

/** The same definition of another fleet: what every host must hold follows from it anew. */
export function withFleet(definition: Definition, fleet: Fleet): Result<Definition, Problem[]> {
  const made = makeViews(fleet, definition.roles, definition.templates)
  return made.ok ? ok({ ...definition, ...made.value }) : err(distinct(made.error))
}

function makeViews(
  fleet: Fleet,
  roles: readonly Role[],
  templates: Documents["templates"],
): Result<Pick<Definition, "fleet" | "views" | "bundles">, Problem[]> {
  const named = fleet.hosts.filter((host) =>
    roles.some((role) => roleApplies(role, { host: host.name, groups: host.groups })),
  )
  const views = hostViews(fleet, agentRelease(), new Set(named.map((host) => host.name)))
  const rendered = renderBundles(views, roles, templates)
  if (!rendered.ok) return rendered
  return ok({ fleet, views, bundles: new Map(rendered.value.map((one) => [one.host, one])) })
}

/** A mistake in a template or a group variable shows on every host that has it; told once. */
export function distinct(problems: readonly Problem[]): Problem[] {
  return sortProblems([
    ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
  ])
}

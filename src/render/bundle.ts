import { canonicalJson, sha256 } from "../core/digest.ts"
import { fingerprint } from "../core/fingerprint.ts"
import type { Problem } from "../core/problem.ts"
import { sortProblems } from "../core/problem.ts"
import type { Result } from "../core/result.ts"
import { err, ok } from "../core/result.ts"
import type { Bundle } from "../model/bundle.ts"
import type { HostView } from "../model/desired.ts"
import type { Role } from "../model/role.ts"
import { roleApplies } from "../model/role.ts"
import type { Report } from "./fill.ts"
import { merge } from "./merge.ts"
import { renderRole } from "./role.ts"
import type { RoleResources, Templates } from "./role.ts"
import { templateView } from "./view.ts"

/**
 * Everything one host shall hold: the roles that apply to it, filled in. The same input gives the same bytes; the id is the
 * SHA-256 of all the rest, host name included, with fingerprints in place of contents that hold secrets. The error holds every problem, by place.
 */
export function renderBundle(
  view: HostView,
  roles: readonly Role[],
  templates: Templates,
): Result<Bundle, Problem[]> {
  const problems: Problem[] = []
  const report: Report = (problem) => problems.push(problem)
  const applying = roles.filter((role) => roleApplies(role, view)).sort(byTurn)
  const templated = templateView(view)
  const all = applying.map((role) => renderRole(role, templated, templates, report))
  const content = {
    host: view.host,
    roles: applying.map((role) => role.name),
    ...mergeAll(all, report),
    ...(view.director !== undefined && view.agent !== undefined ? { agent: view.agent.id } : {}),
  }
  if (problems.length > 0) return err(sortProblems(problems))
  return ok({ id: sha256(canonicalJson(identified(content))), ...content })
}

/** What an id is made of: it is shown, and must not let anybody try out what a secret might be. */
function identified<T extends Pick<Bundle, "files">>(content: T): T {
  if (!content.files.some((file) => file.secret)) return content
  const files = content.files.map((file) =>
    file.secret ? { ...file, content: fingerprint(sha256(file.content)) } : file,
  )
  return { ...content, files }
}

/** Turn of the roles on a host that has several: what serves packets first, then others by name. */
function byTurn(a: Role, b: Role): number {
  const turn = ({ name }: Role): string => {
    const first = ["director", "realserver"].indexOf(name)
    return first < 0 ? `~${name}` : String(first)
  }
  return turn(a) < turn(b) ? -1 : 1
}

function mergeAll(
  all: readonly RoleResources[],
  report: Report,
): Omit<Bundle, "host" | "id" | "roles" | "agent"> {
  const itself = (text: string): string => text
  const sysctls = all.flatMap((one) =>
    one.sysctls.map(({ value: { key, value }, at }) => ({ value: { key, value }, at })),
  )
  const files = merge(
    all.flatMap((one) => one.files),
    { key: (file) => file.path, noun: "file", exclusive: true },
    report,
  )
  return {
    modules: merge(
      all.flatMap((one) => one.modules),
      { key: itself, noun: "module" },
      report,
    ),
    sysctls: merge(sysctls, { key: ({ key }) => key, noun: "sysctl" }, report),
    linksUp: merge(
      all.flatMap((one) => one.linksUp),
      { key: itself, noun: "link" },
      report,
    ),
    addresses: merge(
      all.flatMap((one) => one.addresses),
      { key: ({ address, device }) => `${address} on ${device}`, noun: "address" },
      report,
    ),
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    units: merge(
      all.flatMap((one) => one.units),
      { key: (unit) => unit.name, noun: "unit" },
      report,
    ),
    handlers: merge(
      all.flatMap((one) => one.handlers),
      { key: (handler) => handler.name, noun: "handler" },
      report,
    ),
    requires: merge(
      all.flatMap((one) => one.requires),
      { key: ({ command }) => command, noun: "command" },
      report,
    ),
  }
}

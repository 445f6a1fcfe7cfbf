import type { SourceRef } from "../core/problem.ts"
import { quotedSuggestion } from "../core/suggestion.ts"
import type { Bundle, FileResource, Handler, UnitResource } from "../model/bundle.ts"
import type { Role, RoleFile, RoleScope } from "../model/role.ts"
import type { TemplateText } from "./engine.ts"
import { filler, scopesOf } from "./fill.ts"
import type { Fill, Report, Scope } from "./fill.ts"
import { address, file, handler, requirement, sysctlSetting, unit } from "./resources.ts"
import type { SysctlView, Wanted } from "./resources.ts"
import { name } from "./values.ts"
import type { TemplateView } from "./view.ts"

/** Templates by their name below templates/. */
export type Templates = Readonly<Record<string, TemplateText>>

/** What one role wants on one host. */
export interface RoleResources {
  readonly requires: readonly Wanted<Bundle["requires"][number]>[]
  readonly modules: readonly Wanted<string>[]
  readonly sysctls: readonly Wanted<SysctlView>[]
  readonly linksUp: readonly Wanted<string>[]
  readonly addresses: readonly Wanted<Bundle["addresses"][number]>[]
  readonly files: readonly Wanted<FileResource>[]
  readonly units: readonly Wanted<UnitResource>[]
  readonly handlers: readonly Wanted<Handler>[]
}

/** Fills a role in for one host; what can't be had is reported and left out. */
export function renderRole(
  role: Role,
  view: TemplateView,
  templates: Templates,
  report: Report,
): RoleResources {
  const expand = <E extends RoleScope, T>(
    entries: readonly E[],
    scope: Scope,
    place: (entry: E) => SourceRef,
    make: (entry: E, fill: Fill) => T | undefined,
  ): Wanted<T>[] =>
    entries.flatMap((entry) =>
      scopesOf(entry, scope, report).flatMap((within) => {
        const value = make(entry, filler(within, report))
        return value === undefined ? [] : [{ value, at: place(entry) }]
      }),
    )
  const kernel = {
    modules: expand(
      role.modules,
      view,
      (entry) => entry.name.at,
      (entry, fill) => fill.text(entry.name, name),
    ),
    sysctls: expand(role.sysctls, view, (entry) => entry.key.at, sysctlSetting),
    linksUp: expand(
      role.linksUp,
      view,
      (entry) => entry.device.at,
      (entry, fill) => fill.text(entry.device, name),
    ),
    addresses: expand(role.addresses, view, (entry) => entry.address.at, address),
  }
  const fileScope = { ...view, role: roleView(role, kernel) }
  return {
    ...kernel,
    requires: expand(role.requires, view, (entry) => entry.command.at, requirement),
    files: expand(
      role.files,
      fileScope,
      (entry) => entry.path.at,
      (entry, fill) => {
        const own = view.system.freebsd ? { ...entry, owner: freebsdOwner(entry.owner) } : entry
        return file(own, fill, (source) => template(source, fill, templates, report))
      },
    ),
    units: expand(role.units, view, (entry) => entry.name.at, unit),
    handlers: role.handlers.flatMap((entry) => {
      const value = handler(entry, filler(view, report))
      return value === undefined ? [] : [{ value, at: entry.at }]
    }),
  }
}

/** What files of a role see besides the view: what the role itself sets in the kernel, so that nothing is written twice. */
export function roleView(
  role: Role,
  kernel: Pick<RoleResources, "modules" | "sysctls" | "linksUp" | "addresses">,
): object {
  const values = <T>(wanted: readonly Wanted<T>[]): T[] => wanted.map(({ value }) => value)
  return {
    name: role.name,
    modules: [...new Set(values(kernel.modules))],
    sysctls: values(kernel.sysctls),
    linksUp: [...new Set(values(kernel.linksUp))],
    addresses: values(kernel.addresses),
  }
}

/** The template of a file; one that is not there is reported. */
export function template(
  source: RoleFile["source"],
  fill: Fill,
  templates: Templates,
  report: Report,
): TemplateText | undefined {
  if (source.kind === "content") return source.text
  const wanted = fill.text(source.text)
  if (wanted === undefined) return undefined
  if (Object.hasOwn(templates, wanted)) return templates[wanted]
  report({
    rule: "role-template",
    message: `there is no template "${wanted}"`,
    at: source.text.at,
    hint: quotedSuggestion(
      wanted,
      Object.keys(templates),
      "templates are the *.hbs files below templates/, the user's before lbctl's",
    ),
  })
  return undefined
}

/** FreeBSD has no group `root`: the group of root's files there is `wheel` (group(5)). */
function freebsdOwner(owner: string): string {
  return owner.replace(/:root$/, ":wheel")
}

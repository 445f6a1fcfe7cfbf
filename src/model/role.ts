import type { SourceRef } from "../core/problem.ts"
import type { HostView } from "./desired.ts"

/** A text of a role document: plain, or a template over the view (docs/templates.md). */
export interface RoleText {
  readonly text: string
  readonly at: SourceRef
}

/** Repeats or omits one entry of a role; both are dotted paths in the view. */
export interface RoleScope {
  /** One entry for each item of this list; the item is in scope as `item`. */
  readonly each?: RoleText
  /** Only where this is there, true and not empty. */
  readonly when?: RoleText
}

/** One sysctl; a key with a slash is a path below /proc/sys, as sysctl.d(5) has it. */
export interface RoleSysctl extends RoleScope {
  readonly key: RoleText
  readonly value: RoleText
  /** The reason, for whoever reads the file on the host. */
  readonly why?: RoleText
}

/** One file: from a template of templates/, or with its content in the role itself. */
export interface RoleFile extends RoleScope {
  readonly path: RoleText
  readonly source: { readonly kind: "template" | "content"; readonly text: RoleText }
  readonly mode: string
  readonly owner: string
  readonly validate?: readonly RoleText[]
  readonly notify: readonly string[]
}

/** What a role runs when a file that notifies it has changed. */
export interface RoleHandler {
  readonly name: string
  readonly at: SourceRef
  readonly unit?: string
  readonly run: readonly RoleText[]
  readonly withdraw?: readonly RoleText[]
  readonly await?: { readonly run: readonly RoleText[]; readonly timeoutSeconds: number }
}

/** Which hosts have a role. */
export type RoleTarget =
  | { readonly by: "view"; readonly view: "director" | "realserver" }
  | { readonly by: "groups"; readonly names: readonly string[] }
  | { readonly by: "hosts"; readonly names: readonly string[] }

/** What a kind of host shall hold, before it is filled in for one host: roles/NAME/role.yml. */
export interface Role {
  readonly name: string
  readonly target: RoleTarget
  readonly requires: readonly (RoleScope & {
    readonly command: RoleText
    readonly hint: RoleText
  })[]
  readonly modules: readonly (RoleScope & { readonly name: RoleText })[]
  readonly sysctls: readonly RoleSysctl[]
  readonly linksUp: readonly (RoleScope & { readonly device: RoleText })[]
  readonly addresses: readonly (RoleScope & {
    /** With its prefix length: `192.0.2.10/32`. */
    readonly address: RoleText
    readonly device: RoleText
  })[]
  readonly files: readonly RoleFile[]
  readonly units: readonly (RoleScope & {
    readonly name: RoleText
    readonly enabled: boolean
    readonly running: boolean
  })[]
  readonly handlers: readonly RoleHandler[]
}

/** Whether a host has a role. */
export function roleApplies(
  role: Role,
  view: Pick<HostView, "host" | "groups" | "director" | "realserver">,
): boolean {
  const { target } = role
  switch (target.by) {
    case "view":
      return view[target.view] !== undefined
    case "groups":
      return target.names.some((name) => view.groups.includes(name))
    case "hosts":
      return target.names.includes(view.host)
  }
}

import type { SourceRef } from "../core/problem.ts"
import type { HostView } from "../model/desired.ts"
import type { Role, RoleFile } from "../model/role.ts"
import { roleApplies } from "../model/role.ts"
import type { PlacedPiece, TemplateText } from "./engine.ts"
import { tracedTemplate } from "./engine.ts"
import { filler, scopesOf } from "./fill.ts"
import { renderRole, roleView, template, type RoleResources, type Templates } from "./role.ts"
import type { Wanted } from "./resources.ts"
import { templateView } from "./view.ts"

/** Why a host holds something: the entry of a role that says so. */
export interface Origin {
  readonly kind: "module" | "sysctl" | "link" | "address" | "file" | "unit"
  /** `net.ipv4.ip_forward = 1`, `/etc/app.conf`. */
  readonly subject: string
  readonly role: string
  readonly at: SourceRef
  /** The role's own reason. */
  readonly why?: string
}

/** A file's origin, and how its content comes about. */
export interface FileOrigin extends Origin {
  readonly kind: "file"
  readonly secret: boolean
  /** The template's file; undefined where the role holds the content itself. */
  readonly template?: string
  /** Its content in pieces; made when it is asked for. */
  readonly pieces: () => PlacedPiece[]
}

/** The origin of everything that a valid definition has a host hold, in the order of its roles and their entries. */
export function originsOf(
  view: HostView,
  roles: readonly Role[],
  templates: Templates,
): (Origin | FileOrigin)[] {
  const scope = templateView(view)
  return roles
    .filter((role) => roleApplies(role, view))
    .flatMap((role) => {
      const resources = renderRole(role, scope, templates, ignore)
      return [...ofKernel(role, resources), ...ofFiles(role, resources, scope, templates)]
    })
}

/** A definition that was found valid has no problems. */
function ignore(): void {}

function ofKernel({ name: role }: Role, resources: RoleResources): Origin[] {
  const origins = <T>(
    kind: Origin["kind"],
    wanted: readonly Wanted<T>[],
    words: (value: T) => Pick<Origin, "subject" | "why">,
  ): Origin[] => wanted.map(({ value, at }) => ({ kind, role, at, ...words(value) }))
  const named = (subject: string) => ({ subject })
  return [
    ...origins("module", resources.modules, named),
    ...origins("sysctl", resources.sysctls, ({ key, value, why }) => ({
      subject: `${key} = ${value}`,
      ...(why === null ? {} : { why }),
    })),
    ...origins("link", resources.linksUp, named),
    ...origins("address", resources.addresses, ({ address, prefix, device }) =>
      named(`${address}/${prefix} on ${device}`),
    ),
    ...origins("unit", resources.units, ({ name }) => named(name)),
  ]
}

function ofFiles(
  role: Role,
  resources: RoleResources,
  view: object,
  templates: Templates,
): FileOrigin[] {
  const contents = new Map(resources.files.map(({ value }) => [value.path, value]))
  const scope = { ...view, role: roleView(role, resources) }
  return role.files.flatMap((entry) =>
    scopesOf(entry, scope, ignore).flatMap((within) => {
      const path = filler(within, ignore).text(entry.path)
      const source = sourceOf(entry, within, templates)
      if (path === undefined || source === undefined) return []
      return [
        {
          kind: "file" as const,
          subject: path,
          role: role.name,
          at: entry.path.at,
          secret: contents.get(path)?.secret === true,
          ...(source.file === undefined ? {} : { template: source.file }),
          pieces: () => tracedTemplate(source, within),
        },
      ]
    }),
  )
}

function sourceOf(
  { source }: RoleFile,
  scope: object,
  templates: Templates,
): TemplateText | undefined {
  return template(source, filler(scope, ignore), templates, ignore)
}

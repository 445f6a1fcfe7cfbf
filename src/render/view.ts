import type { HostView } from "../model/desired.ts"
import { usualSystem } from "../model/system.ts"
import { directorView, type TemplateDirector } from "./director-view.ts"
import { realServerView, type TemplateRealServer } from "./realserver-view.ts"
import { systemView, type TemplateSystem } from "./system-view.ts"

/** What the templates and roles of one host see; docs/templates.md names every part. */
export interface TemplateView {
  readonly host: string
  readonly addresses: readonly string[]
  readonly groups: readonly string[]
  readonly vars: Readonly<Record<string, unknown>>
  readonly system: TemplateSystem
  readonly agent: { readonly id: string; readonly path: string } | null
  readonly director: TemplateDirector | null
  readonly realserver: TemplateRealServer | null
}

/** The view of one host in the form that templates see. */
export function templateView(view: HostView): TemplateView {
  const system = view.system ?? usualSystem
  const { director, realserver } = view
  return {
    host: view.host,
    addresses: view.addresses,
    groups: view.groups,
    vars: view.vars,
    system: systemView(system),
    agent: view.agent ?? null,
    director: director === undefined ? null : directorView(director, view.ipvsSysctls ?? []),
    realserver: realserver === undefined ? null : realServerView(realserver, system),
  }
}

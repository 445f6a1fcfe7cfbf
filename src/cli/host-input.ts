import { membershipOf, type Membership } from "../compile/membership.ts"
import { canonicalJson, sha256 } from "../core/digest.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Host } from "../model/fleet.ts"
import type { Observed } from "../model/observed.ts"
import type { HostInput } from "../plan/host.ts"
import type { Definition } from "./pipeline.ts"

/** What plan needs to know about one host. */
export function hostInput(definition: Definition, bundle: Bundle, observed: Observed): HostInput {
  const { fleet, views } = definition
  const view = views.find((candidate) => candidate.host === bundle.host)
  return {
    view:
      bundle.roles.length === 0 || view === undefined
        ? bareView(
            fleet.hosts.find((host) => host.name === bundle.host),
            bundle.host,
          )
        : view,
    bundle,
    observed,
    ...membership(definition, bundle.host),
    now: new Date().toISOString(),
  }
}

/** Where a host takes its turn in a rollout. */
export function membership({ fleet, memberships }: Definition, host: string): Membership {
  return memberships?.get(host) ?? membershipOf(fleet, host)
}

/** What a host holds once lbctl has left it. */
export function emptyBundle(host: string): Bundle {
  const content = {
    host,
    roles: [],
    modules: [],
    sysctls: [],
    linksUp: [],
    addresses: [],
    files: [],
    units: [],
    handlers: [],
    requires: [],
  }
  return { id: sha256(canonicalJson(content)), ...content }
}

function bareView(host: Host | undefined, name: string): HostInput["view"] {
  return {
    host: name,
    addresses: host?.addresses ?? [],
    groups: host?.groups ?? [],
    vars: host?.vars ?? {},
  }
}

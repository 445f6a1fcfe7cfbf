import { quotedSuggestion } from "../core/suggestion.ts"
import { compareText } from "../core/text.ts"
import type { Host, VirtualService } from "../model/fleet.ts"
import type { Forwarding, Tunnel } from "../model/ipvs.ts"
import type { Entry } from "../schema/entries.ts"
import type { Service } from "../schema/services.gen.ts"
import { serviceDefaults } from "./defaults.ts"
import { hostNamed, membersOf } from "./scope.ts"
import type { Scope } from "./scope.ts"

type Backends = VirtualService["backends"]

/** How the real servers of a service are reached, and the group they come from by default. */
export interface Pool {
  readonly group: string | undefined
  readonly forwarding: Forwarding
  readonly tunnel: Tunnel | undefined
}

/** The real servers of a service in canonical order: by address, then name. */
export function compileBackends(entry: Entry<Service>, pool: Pool, scope: Scope): Backends {
  const shared = entry.value.backends ?? {}
  return backendHosts(entry, pool, scope)
    .map((host) => {
      const own = ownValues(shared.hosts, host.name)
      return {
        host: host.name,
        addresses: host.addresses,
        weight: own.weight ?? shared.weight ?? serviceDefaults.weight,
        upperThreshold:
          own.upper_threshold ?? shared.upper_threshold ?? serviceDefaults.upperThreshold,
        lowerThreshold:
          own.lower_threshold ?? shared.lower_threshold ?? serviceDefaults.lowerThreshold,
        forwarding: pool.forwarding,
        ...(pool.tunnel === undefined ? {} : { tunnel: pool.tunnel }),
        ...(shared.port === undefined ? {} : { port: shared.port }),
      }
    })
    .sort(
      (a, b) =>
        scope.order(a.addresses[0] ?? "") - scope.order(b.addresses[0] ?? "") ||
        compareText(a.host, b.host),
    )
}

function backendHosts(entry: Entry<Service>, pool: Pool, scope: Scope): readonly Host[] {
  const { group = pool.group, hosts = {} } = entry.value.backends ?? {}
  const named = Object.keys(hosts).flatMap(
    (name) => hostNamed(scope, name, () => entry.placeOfKey("backends", "hosts", name)) ?? [],
  )
  if (group === undefined) {
    if (Object.keys(hosts).length === 0) reportNone(entry, scope)
    return named
  }
  const own = entry.value.backends?.group !== undefined
  const at = () => (own ? entry.place("backends", "group") : entry.placeOfKey())
  const members = membersOf(scope, group, at)
  if (members === undefined) return []
  const names = members.map((host) => host.name)
  for (const { name } of named.filter((host) => !names.includes(host.name)))
    scope.report({
      rule: "backend-outside-group",
      message: `${name} is not in the group "${group}" that serves ${entry.name}`,
      at: entry.placeOfKey("backends", "hosts", name),
      hint: quotedSuggestion(name, names, `add ${name} to the group, or remove it here`),
    })
  return members
}

function reportNone(entry: Entry<Service>, scope: Scope): void {
  scope.report({
    rule: "backends-missing",
    message: `${entry.name} has no real server`,
    at: entry.placeOfKey(),
    hint: "name a group under backends, or real_servers in its cluster",
  })
}

type Own = NonNullable<NonNullable<NonNullable<Service["backends"]>["hosts"]>[string]>

function ownValues(hosts: Readonly<Record<string, Own | null>> | undefined, name: string): Own {
  return hosts !== undefined && Object.hasOwn(hosts, name) ? (hosts[name] ?? {}) : {}
}

import type { Fleet } from "../model/fleet.ts"
import { isUnmanaged } from "../model/unmanaged.ts"
import type { Documents } from "../schema/documents.ts"

/**
 * Names of the hosts that lbctl connects to: those that direct or serve, sorry servers that are
 * inventory hosts, and those that a user's role names by group or host; none with `lbctl_managed: false`.
 */
export function contactedHosts(
  fleet: Fleet,
  parts: ReadonlySet<string>,
  documents: Documents,
): ReadonlySet<string> {
  const sorry = new Set(fleet.services.flatMap(({ sorryServer }) => sorryServer?.address ?? []))
  const { hosts, groups } = namedByRoles(documents)
  const names = fleet.hosts
    .filter(
      (host) =>
        !isUnmanaged(host) &&
        (parts.has(host.name) ||
          hosts.has(host.name) ||
          host.groups.some((group) => groups.has(group)) ||
          host.addresses.some((address) => sorry.has(address))),
    )
    .map((host) => host.name)
  return new Set(names)
}

function namedByRoles(documents: Documents): Record<"hosts" | "groups", ReadonlySet<string>> {
  const appliesTo = documents.roles.map(({ value }) => field(value, "applies_to"))
  const named = (key: string) =>
    new Set(appliesTo.flatMap((to) => [field(to, key) ?? []].flat().map(String)))
  return { hosts: named("hosts"), groups: named("groups") }
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined
}

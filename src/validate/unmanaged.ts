import { formatPlace, type Problem } from "../core/problem.ts"
import type { Fleet } from "../model/fleet.ts"
import type { Role } from "../model/role.ts"
import { isUnmanaged } from "../model/unmanaged.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** What a host with `lbctl_managed: false` cannot be. */
export const unmanagedRules: readonly Rule[] = [
  {
    id: "director-unmanaged",
    set: "backend",
    reason:
      "IPVS, VRRP and health checks of a director are lbctl's work, which it does by logging in",
    find: unmanagedDirectors,
  },
]

function unmanagedDirectors({ fleet, inCluster }: RuleContext): Breach[] {
  const places = new Map(
    fleet.hosts.filter(isUnmanaged).map(({ name, unmanaged }) => [name, unmanaged]),
  )
  return fleet.clusters.flatMap((cluster) =>
    cluster.directors.flatMap(({ host }) => {
      const at = places.get(host)
      if (at === undefined) return []
      return [
        {
          message: `${host} directs ${cluster.name} and has lbctl_managed: false`,
          at,
          hint: `write true, or take ${host} out of the directors (${formatPlace(inCluster(cluster, "directors"))}): real servers alone can do without lbctl`,
        },
      ]
    }),
  )
}

/** Roles that name a host which lbctl does not log in to, as warnings; one for a group may well be for the others of it. Rule: role-unmanaged. */
export function rolesOfOthers(roles: readonly Role[], { hosts }: Pick<Fleet, "hosts">): Problem[] {
  return roles.flatMap(({ name: role, target }) =>
    hosts
      .filter(isUnmanaged)
      .filter(({ name }) => target.by === "hosts" && target.names.includes(name))
      .map(({ name, unmanaged }) => ({
        rule: "role-unmanaged",
        severity: "warning",
        message: `the role ${role} is for ${name}, which has lbctl_managed: false and gets nothing of it`,
        at: unmanaged,
        hint: `take ${name} out of applies_to in the role's role.yml, or write true`,
      })),
  )
}

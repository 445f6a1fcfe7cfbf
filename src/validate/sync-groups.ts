import { suggestion } from "../core/suggestion.ts"
import type { Cluster } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on clusters that move together. */
export const syncGroupRules: readonly Rule[] = [
  {
    id: "sync-group-cluster",
    set: "vrrp",
    reason:
      "keepalived leaves out of a group what it has no instance of, and the group does not hold",
    find: strangers,
  },
  {
    id: "sync-group-twice",
    set: "vrrp",
    reason: "keepalived knows one group of an instance, and ignores it in the second",
    find: twice,
  },
  {
    id: "sync-group-order",
    set: "vrrp",
    reason:
      "a group is MASTER as a whole: where its clusters want different directors, they move it to and fro or never take it over",
    find: apart,
  },
]

/** Each group's clusters with the place of their names. */
function groupsOf({ keepalived, inClusters, fleet }: RuleContext) {
  const known = new Map(fleet.clusters.map((cluster) => [cluster.name, cluster] as const))
  return Object.entries(keepalived.sync_groups ?? {}).map(([name, { clusters }]) => ({
    name,
    members: clusters.map((member, index) => ({
      member,
      cluster: known.get(member),
      at: inClusters("keepalived", "sync_groups", name, "clusters", index),
    })),
  }))
}

function strangers(context: RuleContext): Breach[] {
  const names = context.fleet.clusters.map(({ name }) => name)
  return groupsOf(context).flatMap(({ name, members }) =>
    members.flatMap(({ member, cluster, at }): Breach[] => {
      if (cluster?.vrrp.driver === "keepalived") return []
      return cluster === undefined
        ? [
            {
              message: `the sync group ${name} names ${member}, which is no cluster`,
              at,
              hint: suggestion(member, names, `right is ${names.join(", ")}`),
            },
          ]
        : [
            {
              message: `the sync group ${name} names ${member}, whose VRRP is the agent's`,
              at,
              hint: `write driver: keepalived in the vrrp of ${member}, or remove it here`,
            },
          ]
    }),
  )
}

function twice(context: RuleContext): Breach[] {
  const first = new Map<string, string>()
  return groupsOf(context).flatMap(({ name, members }) =>
    members.flatMap(({ member, at }): Breach[] => {
      const other = first.get(member)
      if (other === undefined) first.set(member, name)
      return other === undefined
        ? []
        : [
            {
              message: `${member} is in the sync group ${other} already`,
              at,
              hint: "name it in one",
            },
          ]
    }),
  )
}

function apart(context: RuleContext): Breach[] {
  return groupsOf(context).flatMap(({ name, members }) => {
    const clusters = members.flatMap(({ cluster, at }) =>
      cluster === undefined ? [] : [{ cluster, at }],
    )
    const [leader, ...others] = clusters
    if (leader === undefined) return []
    return others
      .filter(({ cluster }) => orderOf(cluster) !== orderOf(leader.cluster))
      .map(({ cluster, at }) => ({
        message: `the sync group ${name} has ${leader.cluster.name} with ${orderOf(leader.cluster)}, and ${cluster.name} with ${orderOf(cluster)}`,
        at,
        hint: "give both the same directors, priorities in the same order, and the same preempt",
      }))
  })
}

function orderOf({ directors, vrrp }: Cluster): string {
  const order = directors.toSorted((a, b) => b.priority - a.priority).map(({ host }) => host)
  return `${order.join(" before ")}${vrrp.preempt ? ", preempt" : ""}`
}

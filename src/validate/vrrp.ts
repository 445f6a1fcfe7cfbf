import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"
import { pairs, sharedDirectors, shareSegment } from "./segments.ts"
import { whyUnusable } from "./usable.ts"

/** Rules on VRRP. */
export const vrrpRules: readonly Rule[] = [
  {
    id: "vrid-shared",
    set: "vrrp",
    reason:
      "two virtual routers of one VRID on one segment take each other's advertisements for their own and share a virtual MAC (RFC 9568 section 5.2.3)",
    find: sharedVrids,
  },
  {
    id: "priority-equal",
    set: "vrrp",
    reason:
      "between equal priorities the higher address wins, and keepalived may leave out the gratuitous ARP afterwards",
    find: equalPriorities,
  },
  {
    id: "anchor-shared",
    set: "vrrp",
    reason:
      "a director that is master of one cluster and backup of the other would have the address taken from it",
    find: sharedAnchors,
  },
  {
    id: "anchor-unusable",
    set: "vrrp",
    reason: "the anchor becomes an address of the master's interface",
    find: unusableAnchors,
  },
]

function sharedVrids({ fleet, inCluster }: RuleContext): Breach[] {
  return pairs(fleet.clusters)
    .filter(([a, b]) => a.vrrp.virtualRouterId === b.vrrp.virtualRouterId && shareSegment(a, b))
    .map(([a, b]) => ({
      message: `the clusters ${a.name} and ${b.name} use virtual_router_id ${b.vrrp.virtualRouterId} on one segment`,
      at: inCluster(b, "vrrp", "virtual_router_id"),
      hint: `choose another, 1 to 255, for ${b.name}`,
    }))
}

function equalPriorities({ fleet, inCluster }: RuleContext): Breach[] {
  return fleet.clusters.flatMap((cluster) =>
    cluster.directors.flatMap(({ host, priority }, index) => {
      const earlier = cluster.directors.slice(0, index).find((other) => other.priority === priority)
      if (earlier === undefined) return []
      const message = `the directors ${earlier.host} and ${host} of ${cluster.name} have equal priority ${priority}`
      const hint = "give each director a priority of its own, 1 to 254"
      return [{ message, at: inCluster(cluster, "vrrp", "priority", host), hint }]
    }),
  )
}

function sharedAnchors({ fleet, inCluster }: RuleContext): Breach[] {
  return pairs(fleet.clusters)
    .filter(([a, b]) => a.vrrp.anchor === b.vrrp.anchor)
    .filter(([a, b]) => a.vrrp.virtualRouterId !== b.vrrp.virtualRouterId)
    .filter(([a, b]) => shareSegment(a, b) || sharedDirectors(a, b).length > 0)
    .map(([a, b]) => ({
      message: `the clusters ${a.name} and ${b.name} have the anchor ${b.vrrp.anchor} in common`,
      at: inCluster(b, "vrrp", "anchor"),
      hint: "leave the anchor out: the default differs with the virtual_router_id",
    }))
}

function unusableAnchors({ fleet, inCluster }: RuleContext): Breach[] {
  const holders = new Map(
    fleet.hosts.flatMap(({ name, addresses }) => addresses.map((a) => [a, name])),
  )
  return fleet.clusters.flatMap((cluster) => {
    const { anchor } = cluster.vrrp
    const holder = holders.get(anchor)
    const why = holder === undefined ? whyUnusable(anchor) : `the address of the host ${holder}`
    if (why === undefined) return []
    const message = `the anchor ${anchor} of ${cluster.name} is ${why}`
    const hint = "leave it out, or choose an address that nobody else has"
    return [{ message, at: inCluster(cluster, "vrrp", "anchor"), hint }]
  })
}

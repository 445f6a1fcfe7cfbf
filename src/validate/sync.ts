import { canonicalJson } from "../core/digest.ts"
import type { Cluster } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"
import { pairs, sharedDirectors, shareSegment } from "./segments.ts"

/** Rules on connection synchronisation. */
export const syncRules: readonly Rule[] = [
  {
    id: "sync-shared",
    set: "vrrp",
    reason:
      "the kernel takes every connection of its sync id that arrives by the multicast (ip_vs_sync.c)",
    find: sharedIds,
  },
  {
    id: "sync-per-director",
    set: "vrrp",
    reason:
      "a kernel runs one sync daemon a direction, with one interface and one id (ip_vs_sync.c)",
    find: contradictions,
  },
]

function sharedIds(context: RuleContext): Breach[] {
  return syncing(context)
    .filter(([a, b]) => a.connectionSync?.id === b.connectionSync?.id && shareSegment(a, b))
    .filter(
      ([a, b]) => sharedDirectors(a, b).length < Math.max(a.directors.length, b.directors.length),
    )
    .map(([a, b]) => ({
      message: `the clusters ${a.name} and ${b.name} synchronise connections under one id on one segment`,
      at: context.inCluster(b, "connection_sync", "id"),
      hint: `choose another id, 0 to 255, for ${b.name}`,
    }))
}

function contradictions(context: RuleContext): Breach[] {
  return syncing(context).flatMap(([a, b]) => {
    const same = canonicalJson(a.connectionSync ?? {}) === canonicalJson(b.connectionSync ?? {})
    const [host] = sharedDirectors(a, b)
    if (same || host === undefined) return []
    const message = `${host} directs ${a.name} and ${b.name}, whose connection_sync differ`
    const hint = `write the connection_sync of ${a.name} here too`
    return [{ message, at: context.inCluster(b, "connection_sync"), hint }]
  })
}

function syncing({ fleet }: RuleContext): [Cluster, Cluster][] {
  return pairs(fleet.clusters.filter(({ connectionSync }) => connectionSync !== undefined))
}

import { canonicalAddress } from "../core/address.ts"
import type { Cluster } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on `keepalived` of clusters.yml, which is for all directors. */
export const keepalivedGlobalRules: readonly Rule[] = [
  {
    id: "keepalived-unused",
    set: "vrrp",
    reason: "what keepalived is told has no effect where it has nothing to do",
    find: unused,
  },
  {
    id: "static-director",
    set: "vrrp",
    reason: "an address for a host without keepalived would be given to nobody",
    find: nobodys,
  },
  {
    id: "static-vip",
    set: "vrrp",
    reason: "keepalived gives a director its static addresses whether or not it is the master",
    find: staticVips,
  },
]

function unused({ fleet, keepalived, inClusters }: RuleContext): Breach[] {
  if (fleet.clusters.length === 0 || fleet.clusters.some(works)) return []
  return Object.keys(keepalived).map((key) => ({
    message: `keepalived.${key} is for keepalived, and it does nothing in any cluster`,
    at: inClusters("keepalived", key),
    hint: "remove it, or write driver: keepalived in the vrrp of a cluster",
  }))
}

/** Whether keepalived has something to do in a cluster. */
function works({ ipvs, vrrp }: Cluster): boolean {
  return ipvs === "keepalived" || vrrp.driver !== "native"
}

function nobodys({ fleet, keepalived, inClusters }: RuleContext): Breach[] {
  const busy = fleet.clusters.filter(works)
  if (busy.length === 0) return []
  const directors = new Set(busy.flatMap((cluster) => cluster.directors.map(({ host }) => host)))
  return Object.keys(keepalived.static_ipaddress ?? {})
    .filter((host) => !directors.has(host))
    .map((host) => ({
      message: `keepalived.static_ipaddress has addresses for ${host}, which is no director with keepalived`,
      at: inClusters("keepalived", "static_ipaddress", host),
      hint: `right is ${[...directors].join(", ")}`,
    }))
}

function staticVips({ fleet, keepalived, inClusters }: RuleContext): Breach[] {
  const moving = new Set([
    ...fleet.services.flatMap(({ vips }) => vips),
    ...fleet.clusters.map(({ vrrp }) => vrrp.anchor),
  ])
  return Object.entries(keepalived.static_ipaddress ?? {}).flatMap(([host, lines]) =>
    lines.flatMap((line, index) => {
      const address = canonicalAddress(line.split(/[ /]/)[0] ?? "")
      if (!moving.has(address)) return []
      return [
        {
          message: `the static address ${address} of ${host} is a VIP or an anchor: both directors would hold it`,
          at: inClusters("keepalived", "static_ipaddress", host, index),
          hint: "remove it: the master holds it",
        },
      ]
    }),
  )
}

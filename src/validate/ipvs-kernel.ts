import { contains } from "../core/address.ts"
import type { Cluster } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"
import { pairs, sharedDirectors } from "./segments.ts"

/** Rules on what a kernel has once for all its clusters. */
export const ipvsKernelRules: readonly Rule[] = [
  {
    id: "ipvs-per-director",
    set: "service",
    reason: "a kernel has each IPVS timeout and switch once, for the services of all clusters",
    find: contradictions,
  },
  {
    id: "sync-threshold",
    set: "service",
    reason:
      "the kernel refuses a first number that is not below the second (ip_vs_ctl.c), and with 0 and 0 it synchronises by sync_refresh_period alone",
    find: ({ fleet, inCluster }) =>
      fleet.clusters.flatMap((cluster) => {
        const wrong = wrongThreshold(cluster)
        const at = inCluster(cluster, "ipvs_sysctls", "sync_threshold")
        return wrong === undefined ? [] : [{ ...wrong, at }]
      }),
  },
  {
    id: "sync-group",
    set: "vrrp",
    reason: "the kernel sends synchronisation to a multicast group only (ip_vs_ctl.c)",
    find: ({ fleet, inCluster }) =>
      fleet.clusters.flatMap((cluster) => {
        const group = cluster.connectionSync?.group
        if (group === undefined || isMulticast(group)) return []
        return [
          {
            message: `${group} is no multicast group`,
            at: inCluster(cluster, "connection_sync", "group"),
            hint: "write one of 224.0.0.0/4 or ff00::/8, or leave it out",
          },
        ]
      }),
  },
]

function contradictions(context: RuleContext): Breach[] {
  return pairs(context.fleet.clusters).flatMap(([a, b]) => {
    const [host] = sharedDirectors(a, b)
    if (host === undefined) return []
    const given = settings(a)
    return settings(b).flatMap(({ key, name, value }) => {
      const other = given.find((one) => one.key === key && one.name === name)
      if (other === undefined || other.value === value) return []
      return [
        {
          message: `${host} directs ${a.name} and ${b.name}, whose ${name} differ`,
          at: context.inCluster(b, key, name),
          hint: "write one value in both, or in one only",
        },
      ]
    })
  })
}

interface Setting {
  readonly key: "timeouts" | "ipvs_sysctls"
  readonly name: string
  readonly value: string
}

function settings({ timeouts, ipvsSysctls }: Cluster): Setting[] {
  return [
    ...Object.entries(timeouts).map(([name, value]) => ({
      key: "timeouts" as const,
      name: name === "tcpFin" ? "tcp_fin" : name,
      value: String(value),
    })),
    ...[...ipvsSysctls].map(([name, value]) => ({ key: "ipvs_sysctls" as const, name, value })),
  ]
}

function wrongThreshold({ ipvsSysctls }: Cluster): Omit<Breach, "at"> | undefined {
  const value = ipvsSysctls.get("sync_threshold")
  if (value === undefined) return undefined
  const [threshold = 0, period = 0] = value.split(" ").map(Number)
  if (period > 0 && threshold >= period)
    return {
      message: `the first number of sync_threshold, ${threshold}, is not below the second, ${period}`,
      hint: "the kernel's own are 3 and 50",
    }
  if (period === 0 && ipvsSysctls.get("sync_refresh_period") === "0")
    return {
      message: "with a PERIOD of 0 and a sync_refresh_period of 0s next to nothing is synchronised",
      hint: "remove one of the two: the default of each goes with the other",
    }
  return undefined
}

function isMulticast(address: string): boolean {
  return contains("224.0.0.0", 4, address) || contains("ff00::", 8, address)
}

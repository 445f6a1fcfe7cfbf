import { family } from "../core/address.ts"
import type { Cluster } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on what keepalived alone does for VRRP: what its own test lets pass, or tells too late. */
export const keepalivedVrrpRules: readonly Rule[] = [
  {
    id: "vrrp-version",
    set: "vrrp",
    reason:
      "VRRPv2 is IPv4 only and its advertisements count whole seconds (RFC 3768 section 5.3.7)",
    find: (context) =>
      breaches(context, ["version"], ({ name, vrrp }) => {
        if (vrrp.keepalived?.version !== 2) return undefined
        if (family(vrrp.anchor) === 6)
          return {
            message: `${name} speaks VRRPv2, but its anchor is IPv6`,
            hint: "write version: 3",
          }
        return vrrp.advertIntervalMs % 1000 === 0
          ? undefined
          : {
              message: `${name} speaks VRRPv2, whose advert_int is in whole seconds`,
              hint: "write version: 3, or a whole advert_int such as 1s",
            }
      }),
  },
  {
    id: "preempt-delay",
    set: "vrrp",
    reason:
      "a director that takes nothing back has nothing to wait for (keepalived.conf(5), nopreempt)",
    find: (context) =>
      breaches(context, ["preempt_delay"], ({ name, vrrp }) =>
        !vrrp.preempt && vrrp.keepalived?.lines.some((line) => line.startsWith("preempt_delay "))
          ? {
              message: `${name} has a preempt_delay, but preempt is false`,
              hint: "write preempt: true, or remove preempt_delay",
            }
          : undefined,
      ),
  },
  {
    id: "track-own-interface",
    set: "vrrp",
    reason: "the VRRP interface is tracked anyway, and keepalived's test refuses to be told so",
    find: ({ fleet, clusterSource, inCluster }) =>
      fleet.clusters.flatMap((cluster) => {
        const { track_interface: tracked = {} } = clusterSource(cluster).vrrp.keepalived ?? {}
        const own = cluster.directors.find(({ interface: name }) => Object.hasOwn(tracked, name))
        if (own === undefined) return []
        return [
          {
            message: `${cluster.name} tracks ${own.interface}, the VRRP interface of ${own.host}`,
            at: inCluster(cluster, "vrrp", "keepalived", "track_interface", own.interface),
            hint: "remove it: its fault counts without that",
          },
        ]
      }),
  },
  {
    id: "keepalived-raw",
    set: "vrrp",
    reason:
      "lbctl writes or needs this word of global_defs itself, or it would take services away or packets for VIPs, or keepalived takes it in only when it starts",
    find: ({ keepalived, inClusters }) =>
      (keepalived.global_defs?.raw ?? []).flatMap((line, index) => {
        const [word = ""] = line.split(" ")
        if (!taken.has(word)) return []
        return [
          {
            message: `keepalived.global_defs.raw has the word ${word}`,
            at: inClusters("keepalived", "global_defs", "raw", index),
            hint: keys.has(word) ? `write it as the key ${word}` : "remove the line",
          },
        ]
      }),
  },
  {
    id: "native-vrrp-words",
    set: "vrrp",
    reason:
      "the native driver speaks VRRPv3 and holds the VIPs; it runs no scripts and tracks and routes nothing",
    find: ({ fleet, clusterSource, inCluster }) =>
      fleet.clusters
        .filter(({ vrrp }) => vrrp.driver === "native")
        .flatMap((cluster) =>
          Object.keys(clusterSource(cluster).vrrp.keepalived ?? {}).map((key) => ({
            message: `${cluster.name} has driver: native, which can't do ${key}: that is keepalived's`,
            at: inCluster(cluster, "vrrp", "keepalived", key),
            hint: `remove ${key}, or write driver: keepalived`,
          })),
        ),
  },
]

/** Words of global_defs that have a key beside `raw`. */
const keys = new Set([
  "notification_email",
  "notification_email_from",
  "smtp_server",
  "smtp_connect_timeout",
  "vrrp_startup_delay",
])

/**
 * Words of lbctl's own; words that have a key; words that empty the table or move it elsewhere, or drop packets for VIPs
 * before IPVS sees them (vrrp_strict); names by which the agent finds keepalived; files that lbctl does not know; and
 * what no reload takes in.
 */
const taken = new Set([
  ...keys,
  "include",
  "includer",
  "includem",
  "includew",
  "includeb",
  "includea",
  "vrrp_strict",
  "process_name",
  "vrrp_process_name",
  "checker_process_name",
  "lvs_timeouts",
  "lvs_sync_daemon_interface",
  "disable_local_igmp",
  "tmp_config_directory",
  "reload_file",
  "router_id",
  "lvs_id",
  "vrrp_version",
  "reload_check_config",
  "max_auto_priority",
  "vrrp_rlimit_rttime",
  "checker_rlimit_rttime",
  "enable_script_security",
  "script_user",
  "lvs_flush",
  "lvs_flush_on_stop",
  "lvs_flush_onstop",
  "lvs_sync_daemon",
  "net_namespace",
  "net_namespace_ipvs",
  "instance",
  "use_pid_dir",
  "reload_time_file",
])

function breaches(
  { fleet, inCluster }: RuleContext,
  key: readonly string[],
  breachOf: (cluster: Cluster) => Omit<Breach, "at"> | undefined,
): Breach[] {
  return fleet.clusters.flatMap((cluster) => {
    const breach = breachOf(cluster)
    return breach === undefined
      ? []
      : [{ ...breach, at: inCluster(cluster, "vrrp", "keepalived", ...key) }]
  })
}

import { parseDuration } from "../core/duration.ts"
import type { SourceRef } from "../core/problem.ts"
import type { Cluster } from "../model/fleet.ts"
import type { DocumentPath } from "../schema/documents.ts"
import type { RuleContext } from "./context.ts"
import { second, type Time } from "./times.ts"

/** keepalived reads most times as microseconds of 32 bits and ignores a greater one; it says so only in its log. */
const longest = 4294 * second

/** Least, most and step of a time. */
type Range = readonly [least: number, most: number, step: number]

/** The times of keepalived's own words, each in the range that keepalived itself takes (keepalived 2.2.7, keepalived.conf(5)). */
export function keepalivedTimes(context: RuleContext): Time[] {
  return [
    ...globalTimes(context),
    ...context.fleet.clusters.flatMap((cluster) => instanceTimes(context, cluster)),
  ]
}

function globalTimes({ keepalived, inClusters }: RuleContext): Time[] {
  const { global_defs: globalDefs } = keepalived
  const at = (key: string) => inClusters("keepalived", "global_defs", key)
  return [
    ...written("smtp_connect_timeout", globalDefs?.smtp_connect_timeout, whole(second), at),
    ...written("vrrp_startup_delay", globalDefs?.vrrp_startup_delay, [1, longest, 1], at),
  ]
}

function instanceTimes({ clusterSource, inCluster }: RuleContext, cluster: Cluster): Time[] {
  const source = clusterSource(cluster).vrrp.keepalived
  if (source === undefined) return []
  const below =
    (...path: DocumentPath) =>
    (key: string) =>
      inCluster(cluster, "vrrp", "keepalived", ...path, key)
  return [
    ...written("preempt_delay", source.preempt_delay, [0, 1000 * second, 1], below()),
    ...written("garp_master_delay", source.garp_master_delay, whole(0), below()),
    ...written("garp_lower_prio_delay", source.garp_lower_prio_delay, whole(0), below()),
    ...Object.entries(source.track_script ?? {}).flatMap(([name, { interval, timeout }]) => [
      ...written("interval", interval, whole(second), below("track_script", name)),
      ...written("timeout", timeout, whole(second), below("track_script", name)),
    ]),
  ]
}

function whole(least: number): Range {
  return [least, longest, second]
}

function written(
  name: string,
  text: string | undefined,
  [least, most, step]: Range,
  place: (key: string) => SourceRef,
): Time[] {
  if (text === undefined) return []
  return [{ name, value: parseDuration(text) ?? 0, least, most, step, at: () => place(name) }]
}

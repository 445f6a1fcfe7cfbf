import { formatDuration } from "../core/duration.ts"
import type { Cluster, VirtualService } from "../model/fleet.ts"
import { longestSoakMs } from "../model/rollout.ts"
import type { RuleContext } from "./context.ts"
import { keepalivedTimes } from "./keepalived-times.ts"
import type { Breach, Rule } from "./rule.ts"
import { day, second, type Time } from "./times.ts"

/** Rules on times. */
export const durationRules: readonly Rule[] = [
  {
    id: "duration-range",
    set: "check",
    reason:
      "kernel, VRRP and timers take times of a certain step and range only; elsewhere they would be rounded in silence",
    find: (context) => [
      ...context.fleet.clusters
        .flatMap((cluster) => clusterTimes(context, cluster))
        .flatMap(breachOf),
      ...keepalivedTimes(context).flatMap(breachOf),
      ...context.fleet.services
        .flatMap((service) => serviceTimes(context, service))
        .flatMap(breachOf),
    ],
  },
]

function clusterTimes({ inCluster }: RuleContext, cluster: Cluster): Time[] {
  const { vrrp } = cluster
  const at = (key: string) => () => inCluster(cluster, "vrrp", key)
  return [
    // RFC 9568 section 5.2.7: 12 bits of centiseconds. The agent may pause for some of them to collect garbage.
    {
      name: "advert_int",
      value: vrrp.advertIntervalMs,
      least: vrrp.driver === "native" ? 100 : 10,
      most: 40_950,
      step: 10,
      at: at("advert_int"),
    },
    // keepalived.conf(5), vrrp_garp_master_refresh: whole seconds.
    {
      name: "garp_master_refresh",
      value: vrrp.garpRefreshMs,
      least: second,
      most: day,
      step: second,
      at: at("garp_master_refresh"),
    },
    ...timeouts(inCluster, cluster),
    {
      name: "soak",
      value: cluster.rollout.soakMs,
      least: 0,
      most: longestSoakMs,
      step: 1,
      at: () => inCluster(cluster, "rollout", "soak"),
    },
  ]
}

function timeouts(inCluster: RuleContext["inCluster"], cluster: Cluster): Time[] {
  const { timeouts: given, ipvsSysctls } = cluster
  const refresh = ipvsSysctls.get("sync_refresh_period")
  const whole = { least: second, most: 31 * day, step: second }
  const time = (name: string, seconds: number | undefined): Time[] =>
    seconds === undefined
      ? []
      : [
          {
            name,
            value: Math.round(seconds * second),
            ...whole,
            at: () => inCluster(cluster, "timeouts", name),
          },
        ]
  return [
    ...time("tcp", given.tcp),
    ...time("tcp_fin", given.tcpFin),
    ...time("udp", given.udp),
    ...(refresh === undefined
      ? []
      : [
          {
            name: "sync_refresh_period",
            value: Math.round(Number(refresh) * second),
            least: 0,
            most: day,
            step: second,
            at: () => inCluster(cluster, "ipvs_sysctls", "sync_refresh_period"),
          },
        ]),
  ]
}

function serviceTimes({ inService, source }: RuleContext, service: VirtualService): Time[] {
  const { persistence, check, drainTimeoutMs } = service
  const drain = { name: "drain_timeout", value: drainTimeoutMs, least: 0, most: 7 * day, step: 1 }
  const times: Time[] = [{ ...drain, at: () => inService(service, "drain_timeout") }]
  if (service.slowStartMs !== undefined)
    times.push({
      name: "slow_start",
      value: service.slowStartMs,
      least: second,
      most: day,
      step: 1,
      at: () => inService(service, "slow_start"),
    })
  if (persistence !== undefined) {
    // ipvsadm(8), --persistent: whole seconds, up to 31 days.
    const value = Math.round(persistence.timeoutSeconds * second)
    const range = { least: second, most: 31 * day, step: second }
    times.push({
      name: "timeout",
      value,
      ...range,
      at: () => inService(service, "persistence", "timeout"),
    })
  }
  if (check === undefined || source(service).check === undefined) return times
  const range = { most: day, step: 1 }
  const at = (key: string) => () => inService(service, "check", key)
  return [
    ...times,
    { name: "interval", value: check.intervalMs, least: 100, ...range, at: at("interval") },
    { name: "timeout", value: check.timeoutMs, least: 100, ...range, at: at("timeout") },
    {
      name: "delay_before_retry",
      value: check.delayBeforeRetryMs,
      least: 0,
      ...range,
      at: at("delay_before_retry"),
    },
  ]
}

function breachOf({ name, value, least, most, step, at }: Time): Breach[] {
  if (value >= least && value <= most && value % step === 0) return []
  const range = `${formatDuration(least)} to ${formatDuration(most)}`
  const steps =
    step === 1 ? "" : step === second ? " in whole seconds" : ` in steps of ${formatDuration(step)}`
  return [
    {
      message: `${name} can't be ${formatDuration(value)}`,
      at: at(),
      hint: `right is ${range}${steps}`,
    },
  ]
}

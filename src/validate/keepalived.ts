import { family } from "../core/address.ts"
import { formatDuration } from "../core/duration.ts"
import type { HealthCheck } from "../model/check.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { Service } from "../schema/services.gen.ts"
import type { RuleContext } from "./context.ts"
import { beyondCheckers } from "./keepalived-checkers.ts"
import type { Breach, Rule } from "./rule.ts"

/** What keepalived cannot do for the services of clusters with `ipvs: keepalived`; all of it the agent can. */
export const keepalivedRules: readonly Rule[] = [
  {
    id: "keepalived-check-via",
    set: "check",
    reason: "keepalived can't send a check through IPVS, so it has no way to one server by the VIP",
    find: (context) =>
      written(context, "check", "via", ({ check }) =>
        check?.via === "vip"
          ? { message: "can't go through the VIP", hint: "write via: address" }
          : undefined,
      ),
  },
  {
    id: "keepalived-check-rise",
    set: "check",
    reason: "keepalived takes a real server back with its first good answer (keepalived.conf(5))",
    find: (context) =>
      written(context, "check", "rise", ({ check }) =>
        (check?.rise ?? 1) > 1
          ? { message: "can't wait for several good answers", hint: "remove rise" }
          : undefined,
      ),
  },
  {
    id: "keepalived-check-time",
    set: "check",
    reason: "keepalived takes connect_timeout up to 2^32 microseconds and ignores a greater one",
    find: (context) =>
      written(context, "check", "timeout", ({ check }) =>
        (check?.timeoutMs ?? 0) > longestTimeoutMs
          ? {
              message: "has a timeout that is too long for it",
              hint: `right is up to ${formatDuration(longestTimeoutMs)}`,
            }
          : undefined,
      ),
  },
  {
    id: "keepalived-check-path",
    set: "check",
    reason: "in keepalived.conf(5) these characters begin a comment, a variable or an escape",
    find: (context) =>
      written(context, "check", "path", ({ check }) =>
        pathsOf(check).some((path) => /["\\$!#~{}|]/.test(path))
          ? {
              message: "can't ask for a path with one of \" \\ $ ! # ~ { } |",
              hint: "write them percent-encoded: %7E is ~",
            }
          : undefined,
      ),
  },
  {
    id: "keepalived-check",
    set: "check",
    reason:
      "keepalived's checkers do not do this (keepalived.conf(5), HTTP_GET), or do it otherwise",
    find: (context) =>
      ofKeepalived(context).flatMap((service) => {
        const beyond = service.check === undefined ? undefined : beyondCheckers(service.check)
        if (beyond === undefined) return []
        const { key, message, cure } = beyond
        const path = context.source(service).check === undefined ? [] : [key]
        return [
          {
            message: `keepalived, which programs ${service.name}, can't do ${message}`,
            at: context.inService(service, "check", ...path),
            hint: native(cure),
          },
        ]
      }),
  },
  {
    id: "keepalived-quorum",
    set: "service",
    reason:
      "keepalived adds up weights where lbctl counts servers (keepalived.conf(5), quorum), and lowers one it cannot reach",
    find: weightedQuorums,
  },
  {
    id: "keepalived-loss",
    set: "service",
    reason: "keepalived counts by quorum alone, and when all servers are down it takes out all",
    find: (context) =>
      ofKeepalived(context).flatMap((service) => {
        const key = lossBeyond(context.source(service))
        if (key === undefined) return []
        return [
          {
            message: `keepalived, which programs ${service.name}, knows no ${key.replace("_", " ")} rule of this kind`,
            at: context.inService(service, key),
            hint: native(`remove ${key}`),
          },
        ]
      }),
  },
  {
    id: "keepalived-drain",
    set: "service",
    reason: "keepalived takes a removed real server out at once, with its connections",
    find: (context) =>
      ofKeepalived(context)
        .filter((service) => context.source(service).drain_timeout !== undefined)
        .map((service) => ({
          message: `${service.name} has a drain_timeout, but keepalived, which programs it, does not drain`,
          at: context.inService(service, "drain_timeout"),
          hint: native("remove drain_timeout, and give a server weight: 0 before it goes"),
        })),
  },
  {
    id: "native-service-words",
    set: "service",
    reason: "the agent tells of what changes by notifications, and runs no programs for a service",
    find: (context) =>
      context.fleet.clusters
        .filter(({ ipvs }) => ipvs !== "keepalived")
        .flatMap(({ name }) => context.fleet.services.filter(({ cluster }) => cluster === name))
        .flatMap((service) =>
          Object.keys(context.source(service).keepalived ?? {}).map((key) => ({
            message: `${service.name} has ${key} for keepalived, and the agent programs it`,
            at: context.inService(service, "keepalived", key),
            hint: `remove ${key} and use notifications, or write ipvs: keepalived in the cluster`,
          })),
        ),
  },
  {
    id: "keepalived-thresholds",
    set: "backend",
    severity: "warning",
    reason:
      "at a reload keepalived writes a changed threshold only with a changed weight or forwarding method",
    find: (context) =>
      ofKeepalived(context).flatMap((service) => {
        const limited = service.backends.find(({ upperThreshold }) => upperThreshold > 0)
        if (limited === undefined) return []
        return [
          {
            message: `keepalived, which programs ${service.name}, does not take in a later change of a threshold alone`,
            at: context.backendPlace(service, limited.host, "upper_threshold"),
            hint: native("change the weight with it"),
          },
        ]
      }),
  },
]

const longestTimeoutMs = 4_294_000

function ofKeepalived({ fleet }: RuleContext): VirtualService[] {
  const clusters = new Set(
    fleet.clusters.filter(({ ipvs }) => ipvs === "keepalived").map(({ name }) => name),
  )
  return fleet.services.filter(({ cluster }) => clusters.has(cluster))
}

/** The key that asks for what keepalived does not do. */
function lossBeyond({
  watermark,
  all_down: rule,
  quorum,
  initial,
  slow_start: slowStart,
}: Service): string | undefined {
  if (watermark !== undefined) return "watermark"
  if (slowStart !== undefined) return "slow_start"
  // Up is what keepalived takes a new real server for, down is its alpha.
  if (initial === "unknown") return "initial"
  // Without a sorry server keepalived goes on with what is left of a lost quorum.
  const refusing = rule === "remove" && (quorum?.up ?? 1) > 1
  return rule === "keep_last" || refusing ? "all_down" : undefined
}

function pathsOf(check: HealthCheck | undefined): string[] {
  if (check?.type !== "http" && check?.type !== "https") return []
  return [check, ...(check.urls ?? [])].map(({ path }) => path)
}

function native(cure: string): string {
  return `${cure}; or write ipvs: native in the cluster`
}

function written(
  context: RuleContext,
  part: "check",
  key: string,
  wrong: (service: VirtualService) => { message: string; hint: string } | undefined,
): Breach[] {
  return ofKeepalived(context).flatMap((service) => {
    const found = wrong(service)
    if (found === undefined) return []
    return [
      {
        message: `keepalived, which programs ${service.name}: its check ${found.message}`,
        at: context.inService(service, part, key),
        hint: native(found.hint),
      },
    ]
  })
}

function weightedQuorums(context: RuleContext): Breach[] {
  return ofKeepalived(context).flatMap((service) => {
    const { quorum, backends, name } = service
    if (quorum.up === 1) return poorFamilies(context, service)
    const odd = backends.find(({ weight }) => weight !== 1)
    if (odd === undefined) return poorFamilies(context, service)
    return [
      {
        message: `the quorum ${quorum.up} of ${name} would count weights, and ${odd.host} has weight ${odd.weight}`,
        at: context.inService(service, "quorum", "up"),
        hint: native("give every real server weight 1, or write up: 1"),
      },
    ]
  })
}

/** Each VIP is a virtual_server of its own, with the servers of its family. */
function poorFamilies(context: RuleContext, service: VirtualService): Breach[] {
  const versions = [...new Set(service.vips.map(family))]
  const poor = versions.find((version) => {
    const servers = service.backends.filter(({ addresses }) =>
      addresses.some((text) => family(text) === version),
    )
    const total = servers.reduce((sum, { weight }) => sum + weight, 0)
    return servers.length > 0 && total < service.quorum.up
  })
  if (poor === undefined) return []
  return [
    {
      message: `the IPv${poor} real servers of ${service.name} can't reach its quorum ${service.quorum.up}`,
      at: context.inService(service, "quorum", "up"),
      hint: "write a lower up, or give more of them a weight",
    },
  ]
}

import { formatPlace, type SourceRef } from "../../core/problem.ts"
import { shortened } from "../../core/text.ts"
import { given } from "../../compile/given.ts"
import type { VirtualService } from "../../model/fleet.ts"
import type { RuleContext } from "../../validate/context.ts"
import type { Fact, Section } from "./fact.ts"

/** Why a service is as it is: its cluster, every key that was written, and each real server with its weight. */
export function explainService(service: VirtualService, context: RuleContext): Section[] {
  const cluster = context.fleet.clusters.find(({ name }) => name === service.cluster)
  return [
    { title: "service", facts: [{ what: service.name, at: service.at }] },
    {
      title: "in cluster",
      facts: cluster === undefined ? [] : [{ what: cluster.name, at: cluster.at }],
    },
    { title: "as written", facts: written(service, context) },
    {
      title: "by default",
      facts: defaults(service, context).map((what) => ({ what })),
    },
    { title: "real servers", facts: service.backends.map((one) => backend(service, one, context)) },
    {
      title: "held by",
      facts: (cluster?.directors ?? []).map(({ host, priority }) => ({
        what: `${host}, a director of priority ${priority}`,
        ...given({ at: hostPlace(host, context) }),
      })),
    },
  ]
}

function written(service: VirtualService, context: RuleContext): Fact[] {
  return Object.entries(context.source(service)).map(([key, value]) => ({
    what: `${key}: ${shortened(JSON.stringify(value), widest)}`,
    at: context.inService(service, key),
  }))
}

function defaults(service: VirtualService, context: RuleContext): string[] {
  const source = context.source(service)
  const { scheduler, forwarding, check } = service
  return [
    ...(source.scheduler === undefined ? [`scheduler: ${scheduler}`] : []),
    ...(source.forwarding === undefined ? [`forwarding: ${forwarding}, its cluster's`] : []),
    ...(source.check === undefined && check === undefined ? ["no health check"] : []),
  ]
}

function backend(
  service: VirtualService,
  { host, addresses, weight }: VirtualService["backends"][number],
  context: RuleContext,
): Fact {
  const { group, weight: shared, hosts = {} } = context.source(service).backends ?? {}
  const own = Object.hasOwn(hosts, host) ? hosts[host] : undefined
  const at = hostPlace(host, context)
  const cluster = context.fleet.clusters.find(({ name }) => name === service.cluster)
  const pool = group ?? (cluster && context.clusterSource(cluster).real_servers)
  const weighed =
    own?.weight !== undefined || shared !== undefined
      ? `weight: ${formatPlace(context.backendPlace(service, host, "weight"))}`
      : "weight: the default"
  const member = pool === undefined ? "named under backends.hosts" : `in the group ${pool}`
  return {
    what: `${host} ${addresses.join(" ")} weight ${weight}`,
    ...given({ at }),
    notes: [member, weighed],
  }
}

function hostPlace(host: string, { fleet }: RuleContext): SourceRef | undefined {
  return fleet.hosts.find(({ name }) => name === host)?.at
}

/** A line has room for so many characters of a value. */
const widest = 40

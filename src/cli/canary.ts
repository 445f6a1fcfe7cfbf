import type { AgentStatus } from "../model/agent-status.ts"
import type { HostPlan } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"
import { keyOf, serverKey } from "../plan/ipvs-runtime.ts"
import type { NodePool } from "../push/node-pool.ts"
import { observeAll } from "../push/observe-all.ts"
import type { RolloutInput } from "../push/rollout-context.ts"
import { observeRequest } from "../wire/observe-request.ts"
import { parallelHosts } from "./pool.ts"
import type { Definition } from "./pipeline.ts"
import { proveClusters } from "./proof.ts"

/**
 * What speaks against a canary on its new release: changes that did not take effect there, real servers that are down as the
 * directors see it, agents that do not answer, and whatever keeps its clusters from being proved.
 */
export async function canaryDoubts(
  canary: HostPlan,
  definition: Definition,
  pool: NodePool,
  remaining: RolloutInput["remaining"],
): Promise<string[]> {
  const hosts = [...new Set([canary.host, ...canary.directors])]
  const requests = new Map(
    hosts.flatMap((host) => {
      const bundle = definition.bundles.get(host)
      return bundle === undefined ? [] : [[host, observeRequest(bundle)] as const]
    }),
  )
  const { observed, failures } = await observeAll(requests, (host) => pool.node(host), {
    parallel: parallelHosts,
    emit: () => undefined,
  })
  const own = observed.get(canary.host)
  const left = own === undefined ? [] : remaining(canary, own)
  // Directors that never had a release neither serve nor vote.
  const directors = canary.directors.filter((host) => observed.get(host)?.release !== undefined)
  const concerned = definition.fleet.clusters.filter((cluster) =>
    cluster.directors.some(({ host }) => directors.includes(host)),
  )
  const proof = await proveClusters(definition, new Set(concerned.map(({ name }) => name)), pool)
  return [
    ...[...failures].map(([host, { message }]) => `${host}: ${message}`),
    ...left.map((change) => `${canary.host}: ${change.subject}: ${change.meaning}`),
    ...healthDoubts(canary.host, directors, observed),
    ...proof.map((doubt) => doubt.message),
  ]
}

/** A real server that any director finds down, or what a canary among the directors finds down and no other does. */
export function healthDoubts(
  canary: string,
  directors: readonly string[],
  observed: ReadonlyMap<string, Observed>,
): string[] {
  const sights = directors.flatMap((director) => {
    const seen = observed.get(director)
    return seen === undefined ? [] : [{ director, agent: seen.agent }]
  })
  const downElsewhere = new Set(
    sights
      .filter(({ director }) => director !== canary)
      .flatMap(({ agent }) => downServers(agent).map(({ key }) => key)),
  )
  return sights.flatMap(({ director, agent }) => {
    if (agent?.running !== true) return [`${director}: its agent does not answer`]
    return downServers(agent)
      .filter(({ host, key }) => (director === canary ? !downElsewhere.has(key) : host === canary))
      .map(({ host, key, message }) => `${director} finds ${host} down (${key}): ${message}`)
  })
}

function downServers(
  agent: AgentStatus | undefined,
): { readonly host: string; readonly key: string; readonly message: string }[] {
  const hosts = new Map(
    (agent?.desired?.services ?? []).flatMap((service) =>
      service.servers.map((server): [string, string] => [keyOf(service, server), server.host]),
    ),
  )
  return (agent?.health ?? [])
    .filter(({ state }) => state === "down")
    .flatMap(({ service, server, message }) => {
      const key = serverKey(service, server)
      const host = hosts.get(key)
      return host === undefined ? [] : [{ host, key, message }]
    })
}

import type { Segment } from "../model/doctor.ts"
import type { HostInput } from "../plan/host.ts"
import { askNeighbours } from "../push/ask-neighbours.ts"
import { parseAdverts } from "../push/neighbours.ts"
import type { Node } from "../push/node.ts"
import type { NodePool } from "../push/node-pool.ts"

/** Patience with an agent that listens for seconds, on a busy host. */
const listenMs = 30_000

/**
 * What the directors among these hosts hear on the interfaces of their VRRP. A director without the agent, or whose agent does
 * not answer, hears nothing: that it is missing others tell.
 */
export async function hearSegments(
  inputs: readonly HostInput[],
  pool: NodePool,
): Promise<Segment[]> {
  const heard = inputs.flatMap(({ view, bundle, observed }) => {
    const { agent } = bundle
    if (agent === undefined || !observed.agents.includes(agent)) return []
    const instances = view.director?.vrrp ?? []
    return [...new Set(instances.map((vrrp) => vrrp.interface))].map((name) => {
      const vips = instances.filter((vrrp) => vrrp.interface === name).flatMap((vrrp) => vrrp.vips)
      return hear(pool.node(view.host), agent, name, [...new Set(vips)])
    })
  })
  return Promise.all(heard)
}

async function hear(
  node: Node,
  agent: string,
  name: string,
  vips: readonly string[],
): Promise<Segment> {
  const [answers, adverts] = await Promise.all([
    vips.length === 0 ? undefined : askNeighbours(node, agent, name, vips),
    node.agent(agent, ["adverts", name], listenMs).catch(() => undefined),
  ])
  return {
    host: node.host,
    interface: name,
    answers: answers?.ok === true ? answers.value : [],
    adverts: (adverts?.code === 0 ? parseAdverts(adverts.stdout) : undefined) ?? [],
  }
}

import type { Segment } from "../model/doctor.ts"
import type { HostInput } from "../plan/host.ts"
import type { ExecResult } from "../push/transport.ts"
import { parseAdverts, parseNeighbours } from "../push/neighbours.ts"
import type { NodePool } from "../push/node-pool.ts"

/** Patience with an agent that asks and listens for seconds, on a busy host. */
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
      const ask = (...words: readonly string[]): Promise<string> =>
        pool
          .node(view.host)
          .agent(agent, words, listenMs)
          .then(printed, () => "")
      return hear(view.host, name, [...new Set(vips)], ask)
    })
  })
  return Promise.all(heard)
}

async function hear(
  host: string,
  name: string,
  vips: readonly string[],
  ask: (...words: readonly string[]) => Promise<string>,
): Promise<Segment> {
  const [answers, adverts] = await Promise.all([
    vips.length === 0 ? "" : ask("arp", name, ...vips),
    ask("adverts", name),
  ])
  return {
    host,
    interface: name,
    answers: parseNeighbours(answers) ?? [],
    adverts: parseAdverts(adverts) ?? [],
  }
}

function printed({ code, stdout }: ExecResult): string {
  return code === 0 ? stdout : ""
}

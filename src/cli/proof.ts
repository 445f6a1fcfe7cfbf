import { setTimeout as sleep } from "node:timers/promises"
import type { Observed } from "../model/observed.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import { parseNeighbours } from "../push/neighbours.ts"
import type { NodePool } from "../push/node-pool.ts"
import { observeAll } from "../push/observe-all.ts"
import { observeRequest } from "../wire/observe-request.ts"
import { parallelHosts } from "./contact.ts"
import { complain, print } from "./output.ts"
import type { Definition } from "./pipeline.ts"

/** VRRP elects a master within 3 x advert_int and the skew, RFC 5798 section 6.1; longer intervals than 2 s wait in vain. */
const electionMs = 12_000
const probeMs = 30_000

interface DirectorSeen {
  readonly host: string
  readonly vrrp: DesiredVrrp
  readonly observed: Observed
}

/**
 * Proves from outside what an apply claims: each cluster has one master, and a director that is none hears nobody but
 * the master answer ARP and ND for its VIPs. Returns what speaks against it.
 */
export async function proveClusters(
  definition: Definition,
  clusters: ReadonlySet<string>,
  pool: NodePool,
): Promise<string[]> {
  const doubts = await Promise.all(
    [...clusters].map((cluster) => proveCluster(definition, cluster, pool)),
  )
  return doubts.flat()
}

/** Prints one doubt with the next step. */
export function tellDoubt(message: string, json: boolean): void {
  if (json) print(JSON.stringify({ type: "doubt", message }))
  else complain(`${message}\n    lbctl show nodes and lbctl realserver status tell more`)
}

async function proveCluster(
  definition: Definition,
  cluster: string,
  pool: NodePool,
): Promise<string[]> {
  const { seen, masters } = await awaitMaster(definition, cluster, pool)
  if (seen.length === 0) return []
  const [master, ...others] = masters
  if (master === undefined)
    return [
      `cluster ${cluster} has no master: ${seen.map((director) => director.host).join(", ")} do not hold the anchor ${seen[0]?.vrrp.anchor ?? ""}`,
    ]
  if (others.length > 0)
    return [
      `cluster ${cluster} has several masters: ${masters.map((director) => director.host).join(", ")}`,
    ]
  const held = master.vrrp.vips.filter(
    (vip) => !master.observed.addresses.some((address) => address.address === vip),
  )
  const missing = held.map(
    (vip) => `${master.host} is master of ${cluster} and does not hold the VIP ${vip}`,
  )
  const asker = seen.find((director) => director !== master) ?? master
  return [...missing, ...(await foreignAnswers(definition, asker, master, pool))]
}

async function awaitMaster(
  definition: Definition,
  cluster: string,
  pool: NodePool,
): Promise<{ seen: DirectorSeen[]; masters: DirectorSeen[] }> {
  const deadline = performance.now() + electionMs
  for (;;) {
    const seen = await lookAtDirectors(definition, cluster, pool)
    const masters = seen.filter(({ observed, vrrp }) =>
      observed.addresses.some((held) => held.address === vrrp.anchor),
    )
    const settled = masters.length === 1 && vipsThere(masters)
    if (seen.length === 0 || settled || performance.now() > deadline) return { seen, masters }
    await sleep(500)
  }
}

function vipsThere(masters: readonly DirectorSeen[]): boolean {
  return masters.every(({ observed, vrrp }) =>
    vrrp.vips.every((vip) => observed.addresses.some((held) => held.address === vip)),
  )
}

async function lookAtDirectors(
  definition: Definition,
  cluster: string,
  pool: NodePool,
): Promise<DirectorSeen[]> {
  const directors = definition.views.flatMap((view) =>
    (view.director?.vrrp ?? [])
      .filter((vrrp) => vrrp.cluster === cluster)
      .map((vrrp) => ({ host: view.host, vrrp })),
  )
  const requests = new Map(
    directors.flatMap(({ host }) => {
      const bundle = definition.bundles.get(host)
      return bundle === undefined
        ? []
        : [[host, { ...observeRequest(bundle), ipvs: false, runtime: false }] as const]
    }),
  )
  const { observed } = await observeAll(requests, (host) => pool.node(host), {
    parallel: parallelHosts,
    emit: () => undefined,
  })
  return directors.flatMap((director) => {
    const found = observed.get(director.host)
    return found === undefined ? [] : [{ ...director, observed: found }]
  })
}

/** Who answers for the cluster's VIPs besides its master, as `asker` hears it. */
async function foreignAnswers(
  definition: Definition,
  asker: DirectorSeen,
  master: DirectorSeen,
  pool: NodePool,
): Promise<string[]> {
  const agent = definition.bundles.get(asker.host)?.agent
  if (agent === undefined || master.vrrp.vips.length === 0) return []
  const { code, stdout, stderr } = await pool
    .node(asker.host)
    .agent(agent, ["arp", asker.vrrp.interface, ...master.vrrp.vips], probeMs)
  const answers = code === 0 ? parseNeighbours(stdout) : undefined
  if (answers === undefined)
    return [`${asker.host} could not ask who holds the VIPs: ${stderr.trim()}`]
  const own = macOf(master)
  return answers.flatMap(({ address, macs }) => [
    ...macs
      .filter((mac) => mac.toLowerCase() !== own)
      .map(
        (mac) => `${mac} answers for the VIP ${address}, and the master ${master.host} is ${own}`,
      ),
    ...(asker !== master && macs.length === 0
      ? [`nobody answers for the VIP ${address}, as ${asker.host} hears it`]
      : []),
  ])
}

function macOf({ observed, vrrp }: DirectorSeen): string {
  return observed.links.find((link) => link.name === vrrp.interface)?.mac.toLowerCase() ?? "unknown"
}

import { setTimeout as sleep } from "node:timers/promises"
import type { Failure } from "../core/failure.ts"
import type { Observed } from "../model/observed.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import { askNeighbours } from "../push/ask-neighbours.ts"
import type { NodePool } from "../push/node-pool.ts"
import { observeAll } from "../push/observe-all.ts"
import { observeRequest } from "../wire/observe-request.ts"
import { parallelHosts } from "./pool.ts"
import { exitCodes } from "./exit.ts"
import { complain } from "./output.ts"
import type { Definition } from "./pipeline.ts"

/** VRRP elects a master within 3 x advert_int and the skew, RFC 5798 section 6.1; longer intervals than 2 s wait in vain. */
const electionMs = 12_000

interface DirectorSeen {
  readonly host: string
  readonly vrrp: DesiredVrrp
  readonly observed: Observed
}

/** Directors that could not be asked, and why. */
type Silent = ReadonlyMap<string, Failure>

/** What speaks against a cluster. */
export interface Doubt {
  readonly message: string
  /** Nobody could be asked: neither proved nor disproved. */
  readonly unasked?: true
}

/** What was found of a cluster. */
export interface ClusterProof {
  readonly doubts: readonly Doubt[]
  /** Its master; where there is none, or more than one, a director that can be asked. */
  readonly director?: { readonly host: string; readonly interface: string }
}

/** `proveCluster` of several, and what speaks against any of them. */
export async function proveClusters(
  definition: Definition,
  clusters: ReadonlySet<string>,
  pool: NodePool,
): Promise<Doubt[]> {
  const proofs = await Promise.all(
    [...clusters].map((cluster) => proveCluster(definition, cluster, pool)),
  )
  return proofs.flatMap((proof) => proof.doubts)
}

/** Prints a doubt with the next step. */
export function tellDoubt({ message }: Doubt): void {
  complain(`${message}\n    lbctl show nodes and lbctl realserver status tell more`)
}

/** The exit code that doubts make. */
export function exitCodeOfDoubts(doubts: readonly Doubt[]): number {
  if (doubts.length === 0) return exitCodes.done
  return doubts.every((doubt) => doubt.unasked) ? exitCodes.unreachable : exitCodes.failed
}

/**
 * Proves from outside what an apply claims: a cluster has one master, and a director that is none hears nobody but
 * the master answer ARP and ND for its VIPs.
 */
export async function proveCluster(
  definition: Definition,
  cluster: string,
  pool: NodePool,
): Promise<ClusterProof> {
  const { seen, silent, masters } = await awaitMaster(definition, cluster, pool)
  const [first] = seen
  if (first === undefined)
    return {
      doubts: [
        { message: `nothing is proved for cluster ${cluster}: ${told(silent)}`, unasked: true },
      ],
    }
  const [master, ...others] = masters
  const director = { host: (master ?? first).host, interface: (master ?? first).vrrp.interface }
  if (master === undefined) {
    const hosts = seen.map((one) => one.host).join(", ")
    const unknown = silent.size === 0 ? "" : `; ${told(silent)}`
    const message = `cluster ${cluster} has no master: not on ${hosts} is its anchor ${first.vrrp.anchor}${unknown}`
    return { doubts: [{ message }], director }
  }
  if (others.length > 0) {
    const hosts = masters.map((one) => one.host).join(", ")
    return { doubts: [{ message: `cluster ${cluster} has several masters: ${hosts}` }], director }
  }
  const held = master.vrrp.vips.filter(
    (vip) => !master.observed.addresses.some((address) => address.address === vip),
  )
  const missing = held.map(
    (vip) => `${master.host} is master of ${cluster} and does not hold the VIP ${vip}`,
  )
  const asker = seen.find((one) => one !== master) ?? master
  const answers = await foreignAnswers(definition, asker, master, pool)
  return { doubts: [...missing, ...answers].map((message) => ({ message })), director }
}

function told(silent: Silent): string {
  return [...silent].map(([host, { message }]) => `${host}: ${message}`).join("; ")
}

async function awaitMaster(
  definition: Definition,
  cluster: string,
  pool: NodePool,
): Promise<{ seen: DirectorSeen[]; silent: Silent; masters: DirectorSeen[] }> {
  const deadline = performance.now() + electionMs
  for (;;) {
    const { seen, silent } = await lookAtDirectors(definition, cluster, pool)
    const masters = seen.filter(({ observed, vrrp }) =>
      observed.addresses.some((held) => held.address === vrrp.anchor),
    )
    const settled = masters.length === 1 && vipsThere(masters)
    if (seen.length === 0 || settled || performance.now() > deadline)
      return { seen, silent, masters }
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
): Promise<{ seen: DirectorSeen[]; silent: Silent }> {
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
  const { observed, failures } = await observeAll(requests, (host) => pool.node(host), {
    parallel: parallelHosts,
    emit: () => undefined,
  })
  const seen = directors.flatMap((director) => {
    const found = observed.get(director.host)
    return found === undefined ? [] : [{ ...director, observed: found }]
  })
  return { seen, silent: failures }
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
  const { vips } = master.vrrp
  const answers = await askNeighbours(pool.node(asker.host), agent, asker.vrrp.interface, vips)
  if (!answers.ok) return [`${asker.host} could not ask who holds the VIPs: ${answers.error}`]
  const own = macOf(master)
  return answers.value.flatMap(({ address, macs }) => [
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

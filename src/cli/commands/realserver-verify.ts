import { plural, table } from "../../core/text.ts"
import type { Fleet } from "../../model/fleet.ts"
import type { NodePool } from "../../push/node-pool.ts"
import { withChosen, type ChoiceFlags } from "../chosen.ts"
import { withPool } from "../pool.ts"
import type { Inventories } from "../inventories.ts"
import { complain, print, printJson } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { exitCodeOfDoubts, proveCluster, tellDoubt, type Doubt } from "../proof.ts"
import { noRealServer } from "../real-servers.ts"
import { doubtsOf, proveVips, type VipProof } from "../vip-proof.ts"

/**
 * `lbctl realserver verify`: the master director alone answers ARP and ND for every VIP, as another host hears it, and the real
 * servers answer on the VIPs when the master sends them what clients would send.
 */
export async function verify(inventory: Inventories, flags: ChoiceFlags): Promise<number> {
  return withChosen(inventory, flags, async (definition, hosts) => {
    const clusters = clustersOf(definition.fleet, hosts)
    if (clusters.length === 0) throw noRealServer()
    const proofs = await withPool(definition.fleet, (pool) =>
      Promise.all(clusters.map((cluster) => proveBoth(definition, cluster, hosts, pool))),
    )
    const holders = proofs.flatMap(({ doubts }) => doubts)
    const servers = proofs.flatMap(({ vips }) => vips)
    const vips = vipsOf(definition.fleet, clusters)
    const doubts = [...holders, ...doubtsOf(servers)]
    if (flags.json === true)
      printJson({
        verified: holders.length === 0 ? vips : [],
        realServers: servers,
        doubts: doubts.map(({ message }) => message),
      })
    else tell(vips, holders, servers)
    return exitCodeOfDoubts(doubts)
  })
}

interface Proof {
  readonly doubts: readonly Doubt[]
  readonly vips: readonly VipProof[]
}

async function proveBoth(
  definition: Definition,
  cluster: string,
  hosts: ReadonlySet<string>,
  pool: NodePool,
): Promise<Proof> {
  const proof = await proveCluster(definition, cluster, pool)
  return { ...proof, vips: await proveVips(definition, cluster, proof, hosts, pool) }
}

function clustersOf({ services }: Fleet, hosts: ReadonlySet<string>): string[] {
  const served = services.filter(({ backends }) => backends.some(({ host }) => hosts.has(host)))
  return [...new Set(served.map(({ cluster }) => cluster))]
}

function vipsOf({ services }: Fleet, clusters: readonly string[]): string[] {
  const served = services.filter(({ cluster }) => clusters.includes(cluster))
  return [...new Set(served.flatMap(({ vips }) => vips))]
}

function tell(
  vips: readonly string[],
  holders: readonly Doubt[],
  servers: readonly VipProof[],
): void {
  if (holders.length === 0)
    print(`verified: for ${vips.join(", ")} the master director answers, and nobody else`)
  if (servers.length > 0)
    print(
      table([
        ["HOST", "VIP", "WHAT IT SAYS THERE"],
        ...servers.map(({ host, endpoint, words }) => [host, endpoint, words]),
      ]),
    )
  holders.forEach(tellDoubt)
  const failed = servers.filter(({ standing }) => standing === "disproved").length
  if (failed > 0)
    complain(
      `${failed} of ${plural(servers.length, "answer")} missing or wrong\n    lbctl doctor looks for causes; docs/realserver.md has what each means`,
    )
}

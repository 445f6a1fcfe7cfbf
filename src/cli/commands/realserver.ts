import { table } from "../../core/text.ts"
import { Failure } from "../../core/failure.ts"
import type { Bundle } from "../../model/bundle.ts"
import { planHost } from "../../plan/host.ts"
import { withChosen, type ChoiceFlags } from "../chosen.ts"
import { askAgents } from "../agents.ts"
import { emptyBundle, hostInput, withContacted, withPool } from "../contact.ts"
import { deploy } from "../deploy.ts"
import { exitCodes } from "../exit.ts"
import type { ApplyFlags } from "../flags.ts"
import { awaitIdle } from "../idle.ts"
import { look } from "../look.ts"
import { operatorAtHost } from "../operator.ts"
import { complain, print, printJson } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { proveClusters, tellDoubt } from "../proof.ts"

/** Patience of a teardown with connections that do not end. */
const drainMs = 60_000

/** `lbctl realserver setup`: what apply would do, on real servers alone. */
export async function setup(inventory: string | undefined, flags: ApplyFlags): Promise<number> {
  return withRealServers(inventory, flags, (definition, hosts) =>
    deployTo(definition, hosts, flags),
  )
}

/** `lbctl realserver teardown`: drained first, then VIPs away, files away, sysctls back to their prior values. */
export async function teardown(inventory: string | undefined, flags: ApplyFlags): Promise<number> {
  return withRealServers(inventory, flags, async (definition, hosts) => {
    for (const host of hosts) {
      const busy = await drainEverywhere(definition, host)
      if (busy.length === 0) continue
      for (const line of busy) complain(line)
      throw new Failure("failed", `${host} still serves: nothing was taken from it`, {
        host,
        hint: `it stays drained; try again later, or lbctl resume ${host}`,
      })
    }
    const emptied = new Map([...hosts].map((host): [string, Bundle] => [host, emptyBundle(host)]))
    return deployTo(
      { ...definition, bundles: new Map([...definition.bundles, ...emptied]) },
      hosts,
      flags,
    )
  })
}

/** `lbctl realserver status`: started, partial or stopped, for each VIP. */
export async function status(inventory: string | undefined, flags: ChoiceFlags): Promise<number> {
  return withRealServers(inventory, flags, async (definition, hosts) => {
    const seen = await look(definition, hosts, flags.json === true)
    const rows = seen.flatMap(({ view, observed, error }) => {
      const bundle = definition.bundles.get(view.host)
      if (observed === undefined || bundle === undefined)
        return [{ host: view.host, vip: "-", state: "unreachable", missing: [error ?? ""] }]
      const changes = planHost(hostInput(definition, bundle, observed)).flatMap(
        (plan) => plan.changes,
      )
      const missing = changes
        .filter((change) => change.kind !== "address")
        .map((change) => `${change.kind} ${change.subject}`)
      return bundle.addresses.map(({ address, prefix, device }) => {
        const held = observed.addresses.some(
          (item) => item.address === address && item.prefix === prefix && item.device === device,
        )
        return {
          host: view.host,
          vip: address,
          state: held ? (missing.length === 0 ? "started" : "partial") : "stopped",
          missing,
        }
      })
    })
    if (flags.json === true) printJson(rows)
    else
      print(
        table([
          ["HOST", "VIP", "STATE", "MISSING OR DIFFERENT"],
          ...rows.map((row) => [row.host, row.vip, row.state, row.missing.join(", ") || "-"]),
        ]),
      )
    if (rows.some((row) => row.state === "unreachable")) return exitCodes.unreachable
    return rows.every((row) => row.state === "started") ? exitCodes.done : exitCodes.failed
  })
}

/** `lbctl realserver verify`: the master director alone answers ARP and ND for every VIP, as another host hears it. */
export async function verify(inventory: string | undefined, flags: ChoiceFlags): Promise<number> {
  return withChosen(inventory, flags, async (definition, hosts) => {
    const { fleet } = definition
    const clusters = new Set(
      fleet.services
        .filter((service) => service.backends.some((backend) => hosts.has(backend.host)))
        .map((service) => service.cluster),
    )
    const doubts = await withPool(fleet, (pool) => proveClusters(definition, clusters, pool))
    for (const doubt of doubts) tellDoubt(doubt, flags.json === true)
    if (doubts.length > 0) return exitCodes.failed
    const vips = new Set(
      fleet.services
        .filter((service) => clusters.has(service.cluster))
        .flatMap((service) => service.vips),
    )
    if (flags.json === true) printJson({ verified: [...vips] })
    else print(`verified: for ${[...vips].join(", ")} the master director answers, and nobody else`)
    return exitCodes.done
  })
}

/** Runs `work` on the real servers among the chosen hosts. */
async function withRealServers(
  inventory: string | undefined,
  flags: ChoiceFlags,
  work: (definition: Definition, hosts: ReadonlySet<string>) => Promise<number>,
): Promise<number> {
  return withChosen(inventory, flags, (definition, chosen) => {
    const hosts = definition.views
      .filter(
        (view) =>
          view.realserver !== undefined && view.director === undefined && chosen.has(view.host),
      )
      .map((view) => view.host)
    if (hosts.length === 0)
      throw new Failure("input", "no real server among these hosts", {
        hint: "lbctl show nodes lists roles",
      })
    return work(definition, new Set(hosts))
  })
}

function deployTo(
  definition: Definition,
  hosts: ReadonlySet<string>,
  flags: ApplyFlags,
): Promise<number> {
  return withContacted(definition, hosts, flags.json === true, (contacted, pool) =>
    deploy({ definition, contacted, pool, flags }),
  )
}

/** Drains a host on every director that answers and waits for its connections; returns what is left of them. */
async function drainEverywhere(definition: Definition, host: string): Promise<string[]> {
  const clusters = new Set(
    definition.fleet.services
      .filter((service) => service.backends.some((backend) => backend.host === host))
      .map((service) => service.cluster),
  )
  const directors = definition.fleet.clusters
    .filter((cluster) => clusters.has(cluster.name))
    .flatMap((cluster) => cluster.directors.map((director) => director.host))
  const words = ["drain", host, "--by", operatorAtHost(), "--reason", "realserver teardown"]
  const answers = await askAgents(definition, directors, words, 30_000)
  const silent = answers.filter((answer) => answer.code !== 0)
  if (silent.length > 0) return silent.map((answer) => `${answer.director}: ${answer.words}`)
  return awaitIdle(definition, new Set(directors), host, drainMs)
}

import { Failure } from "../../core/failure.ts"
import { suggestion } from "../../core/suggestion.ts"
import type { Cluster } from "../../model/fleet.ts"
import type { Override } from "../../model/override.ts"
import { actionWords, priorityRange } from "../../model/override.ts"
import { exitCodes } from "../exit.ts"
import { expiryOption } from "../expiry.ts"
import type { Inventories } from "../inventories.ts"
import type { KeyFlags } from "../keys.ts"
import { operatorAtHost } from "../operator.ts"
import { print } from "../output.ts"
import {
  conclude,
  dated,
  lifted,
  onDirectors,
  silentAnswers,
  standingOverrides,
  type Scene,
} from "../override-scene.ts"
import { endWords } from "../override-words.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"

/** Flags of `lbctl set-priority`. */
export interface PriorityFlags extends KeyFlags {
  readonly cluster?: string
  readonly reason?: string
  readonly by?: string
  readonly for?: string
  readonly until?: string
}

/** `lbctl set-priority HOST N`, or `default` for what the definition says: the VRRP priority of a director in one cluster. */
export async function setPriority(
  host: string,
  number: string,
  inventory: Inventories,
  flags: PriorityFlags,
): Promise<number> {
  const priority = number === "default" ? undefined : parsePriority(number)
  if (priority === undefined) refuseSetting(flags)
  const expires = expiryOption(flags, Date.now())
  const read = await readDefinition(inventory, flags)
  if (!read.ok) return refuse(read.error, "text")
  const cluster = clusterOf(read.value, host, flags.cluster)
  const directors = new Set(cluster.directors.map((director) => director.host))
  const whose = { action: "priority", host, cluster: cluster.name } as const
  const by = flags.by ?? operatorAtHost()
  return onDirectors(read.value, directors, async (scene) => {
    if (priority === undefined) return lift(scene, whose, by, directors)
    refuseUnable(scene, host, cluster.name)
    const record = dated(scene, {
      ...whose,
      priority,
      by,
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      ...(expires === undefined ? {} : { expires }),
    })
    return conclude(await scene.tell([record], directors), [
      `${host} is ${actionWords(record)}: ${effect(cluster)}`,
      endWords(record),
    ])
  })
}

/** Which director in which cluster. */
type Whose = Pick<Override, "host" | "cluster"> & { readonly action: "priority" }

async function lift(
  scene: Scene,
  whose: Whose,
  by: string,
  directors: ReadonlySet<string>,
): Promise<number> {
  const found = standingOverrides(scene).find(
    ({ action, host, cluster }) =>
      action === "priority" && host === whose.host && cluster === whose.cluster,
  )
  const words = `${whose.host ?? ""} has its defined priority in ${whose.cluster ?? ""}`
  if (found === undefined) {
    const silent = silentAnswers(scene.seen, directors)
    if (silent.length > 0) return conclude(silent, [])
    print(words)
    return exitCodes.done
  }
  const record = lifted(scene, found, by)
  return conclude(await scene.tell([record], directors), [`${words} again`])
}

function effect({ vrrp }: Cluster): string {
  return vrrp.preempt
    ? "the director with the highest priority takes the VIPs"
    : "it counts when the VIPs next need a master, since nobody preempts"
}

function parsePriority(text: string): number {
  const { least, most } = priorityRange
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Infinity
  if (number >= least && number <= most) return number
  throw new Failure("input", `${text} is no priority that can be given`, {
    hint: `a whole number from ${least} to ${most} (0 resigns, 255 is the owner's of the addresses), or default for what the definition says`,
  })
}

function refuseSetting({ reason, for: length, until }: PriorityFlags): void {
  if ([reason, length, until].every((value) => value === undefined)) return
  throw new Failure("input", "default takes no --reason, --for or --until", {
    hint: "it lifts the priority that was set",
  })
}

/**
 * The one cluster whose director is meant.
 * @throws Failure `input` when there is none, or several.
 */
export function clusterOf(
  { fleet }: Pick<Definition, "fleet">,
  host: string,
  name: string | undefined,
): Cluster {
  const own = fleet.clusters.filter(({ directors }) => directors.some((one) => one.host === host))
  const meant = own.filter((cluster) => name === undefined || cluster.name === name)
  const [cluster, ...others] = meant
  const names = own.map((one) => one.name)
  if (own.length === 0) {
    const known = fleet.clusters.flatMap(({ directors }) => directors.map((one) => one.host))
    throw new Failure("input", `${host} is no director`, {
      hint: suggestion(host, known, `directors are ${known.join(", ")}`),
    })
  }
  if (cluster === undefined)
    throw new Failure("input", `${host} is no director of ${name ?? ""}`, {
      hint: `it is one of ${names.join(", ")}`,
    })
  if (others.length > 0)
    throw new Failure("input", `${host} is a director of ${names.join(" and ")}`, {
      hint: `say which: --cluster ${names.join(" or --cluster ")}`,
    })
  return cluster
}

/** @throws Failure `failed` when the director's definition does not tell its agent which director it is. */
function refuseUnable({ seen }: Scene, host: string, cluster: string): void {
  const agent = seen.find(({ view }) => view.host === host)?.observed?.agent
  const vrrp = agent?.desired?.vrrp.find((one) => one.cluster === cluster)
  if (agent === undefined || vrrp?.host !== undefined) return
  throw new Failure("failed", `${host} works by a definition that cannot take a priority`, {
    hint: "nothing was changed; lbctl apply brings it one of this version",
  })
}

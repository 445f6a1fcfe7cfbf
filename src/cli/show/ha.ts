import { formatDuration } from "../../core/duration.ts"
import type { StateChange } from "../../model/state-change.ts"
import type { Seen } from "../tables.ts"
import type { Shown } from "./subject.ts"
import { ago, block, report } from "./words.ts"

/** One VRRP instance on one director. */
export interface HaFact {
  readonly cluster: string
  readonly director: string
  readonly instance: string
  readonly state: string
  readonly since: string | undefined
  readonly demoted: boolean
  readonly transitions: number | undefined
  /** The last change that the agent remembers, and who ordered it: `MASTER -> BACKUP: failover by ann (fan)`. */
  readonly lastChange: string | undefined
  /** As the definition has it. */
  readonly priority: number
  /** The one it goes by now; undefined: it does not tell. */
  readonly priorityNow: number | undefined
  readonly virtualRouterId: number
  readonly interface: string
  readonly advertIntervalMs: number
  readonly preempt: boolean
  readonly source: string
  readonly peers: readonly string[]
  readonly vips: readonly string[]
}

/** Every VRRP instance of the directors, those that do not answer included. */
export function haFacts(seen: readonly Seen[]): HaFact[] {
  return seen.flatMap(({ view, observed, error }) =>
    (view.director?.vrrp ?? []).map((vrrp): HaFact => {
      const known = observed?.agent?.vrrp.find(({ instance }) => instance === vrrp.instance)
      const silent = error === undefined ? "not told" : "no answer"
      return {
        cluster: vrrp.cluster,
        director: view.host,
        instance: vrrp.instance,
        state: known?.state ?? silent,
        since: known?.since,
        demoted: known?.demoted ?? false,
        transitions: known?.transitions,
        lastChange: lastChange(observed?.agent?.changes ?? [], vrrp.instance),
        priority: vrrp.priority,
        priorityNow: known?.priority,
        virtualRouterId: vrrp.virtualRouterId,
        interface: vrrp.interface,
        advertIntervalMs: vrrp.advertIntervalMs,
        preempt: vrrp.preempt,
        source: vrrp.source,
        peers: vrrp.unicastPeers,
        vips: vrrp.vips,
      }
    }),
  )
}

/** Who is master of what, since when. */
export function haShown(facts: readonly HaFact[], nowMs: number): Shown {
  return {
    json: facts,
    text: report([
      ["CLUSTER", "DIRECTOR", "STATE", "FOR", "CHANGES", "PRIORITY", "VRID", "VIPS"],
      ...facts.map((fact) => [
        fact.cluster,
        fact.director,
        `${fact.state}${fact.demoted ? " (handed over)" : ""}`,
        ago(fact.since, nowMs),
        String(fact.transitions ?? "-"),
        priorityWords(fact),
        String(fact.virtualRouterId),
        String(fact.vips.length),
      ]),
    ]),
  }
}

/** One cluster's instances in full. */
export function haDetail(facts: readonly HaFact[], nowMs: number): Shown {
  const text = facts.map((fact) =>
    block(`${fact.cluster}: ${fact.instance} on ${fact.director}`, [
      [
        "state",
        `${fact.state}${fact.demoted ? " (handed over)" : ""} for ${ago(fact.since, nowMs)}`,
      ],
      [
        "changes",
        fact.transitions === undefined ? "" : `${fact.transitions} since the agent started`,
      ],
      ["last change", fact.lastChange ?? ""],
      ["priority", `${priorityWords(fact)}${fact.preempt ? ", preempts" : ", does not preempt"}`],
      ["virtual router id", String(fact.virtualRouterId)],
      [
        "advertisements",
        `every ${formatDuration(fact.advertIntervalMs)} from ${fact.source} on ${fact.interface}`,
      ],
      ["peers", fact.peers.length === 0 ? "multicast" : fact.peers.join(", ")],
      ["VIPs", fact.vips.join(", ")],
    ]),
  )
  return { json: facts, text: text.join("\n\n") }
}

/** The priority of now, with the defined one beside it where that is another. */
function priorityWords({ priority, priorityNow }: HaFact): string {
  return priorityNow === undefined || priorityNow === priority
    ? String(priority)
    : `${priorityNow} (${priority})`
}

function lastChange(changes: readonly StateChange[], instance: string): string | undefined {
  const last = changes.findLast(({ kind, name }) => kind === "vrrp" && name === instance)
  if (last === undefined) return undefined
  return `${last.from} -> ${last.to}${last.message === "" ? "" : `: ${last.message}`}`
}

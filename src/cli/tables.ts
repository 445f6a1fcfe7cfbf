import type { Bundle } from "../model/bundle.ts"
import type { HostView } from "../model/desired.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import { destinationName, serviceName } from "../model/ipvs.ts"
import type { Observed } from "../model/observed.ts"
import { actionWords, type Override } from "../model/override.ts"
import { overrideOf } from "../plan/overrides.ts"
import { standingWords } from "./override-words.ts"
import { report } from "./show/words.ts"

/** A host as `show` saw it: what it is meant to be and what it holds, or why it did not answer. */
export interface Seen {
  readonly view: HostView
  /** What it shall hold, where it is to hold anything. */
  readonly bundle?: Bundle
  readonly observed?: Observed
  readonly error?: string
  /** A real server that lbctl does not log in to: what it holds is not known. */
  readonly unmanaged?: true
}

/** What an agent lists stands, by its own clock. */
const ever = ""

/** One row of `show nodes`. */
export interface NodeRow {
  readonly host: string
  readonly role: string
  readonly state: string
  readonly release: string
  readonly agent: string
  readonly kernel: string
}

/** One row of `show backends`: a real server of a kernel service on one director. */
export interface BackendRow {
  readonly host: string
  readonly name: string
  readonly service: string
  readonly server: string
  readonly director: string
  readonly state: string
  /** In the kernel; undefined when the kernel does not hold it. */
  readonly weight: number | undefined
  readonly definedWeight: number
  readonly active: number
  readonly inactive: number
  readonly message: string
  /** What an operator set for it: the strongest of several. */
  readonly override?: Override
}

/** Directors that can't say what their kernels hold, and why. */
export function silentDirectors(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ view, observed, error }) => {
    if (error !== undefined) return [`${view.host}: ${error}`]
    if (observed?.agent !== undefined) return []
    return [`${view.host}: no agent is installed: lbctl apply or lbctl agent install brings it`]
  })
}

/** Who is what, and how it is. */
export function nodeRows(seen: readonly Seen[]): NodeRow[] {
  return seen.map(({ view, observed, error, unmanaged = false }) => ({
    host: view.host,
    role: [
      view.director === undefined ? "" : "director",
      view.realserver === undefined && !unmanaged ? "" : "real server",
    ]
      .filter((role) => role !== "")
      .join(", "),
    state: error ?? (unmanaged ? "not managed" : stateOf(view, observed)),
    release: observed?.release?.slice(0, 12) ?? "-",
    agent: agentOf(view, observed),
    kernel: observed?.facts["kernel"] ?? "-",
  }))
}

/** Real servers on every director that answers. */
export function backendRows(seen: readonly Seen[]): BackendRow[] {
  return seen.flatMap(({ view, observed }) => {
    const status = observed?.agent
    if (status === undefined) return []
    return (view.director?.services ?? []).flatMap((service) =>
      service.servers.map((server): BackendRow => {
        const key = serviceName(service.key)
        const name = destinationName(server)
        const held = status.table
          .find((item) => serviceName(item.key) === key)
          ?.destinations.find((destination) => destinationName(destination) === name)
        const counters = status.counters.find(
          (item) => item.service === key && item.server === name,
        )
        const health = status.health.find((item) => item.service === key && item.server === name)
        const override = overrideOf(service, server, { overrides: status.overrides, now: ever })
        return {
          host: server.host,
          name: service.name,
          service: key,
          server: name,
          director: view.host,
          state:
            override === undefined || override.action === "weight"
              ? (health?.state ?? (service.check === undefined ? "unchecked" : "unknown"))
              : actionWords(override),
          weight: held?.weight,
          definedWeight: server.weight,
          active: counters?.active ?? 0,
          inactive: counters?.inactive ?? 0,
          message: health?.message ?? "",
          ...(override === undefined ? {} : { override }),
        }
      }),
    )
  })
}

/** Every override that the rows show, one line each. */
export function overrideLines(rows: readonly BackendRow[]): string[] {
  const overrides = rows.flatMap(({ override }) => (override === undefined ? [] : [override]))
  return [...new Set(overrides.map(standingWords))]
}

/** `show backends` for people. */
export function backendsTable(rows: readonly BackendRow[]): string {
  return report([
    ["HOST", "NAME", "SERVER", "DIRECTOR", "STATE", "WEIGHT", "ACT/INACT", "LAST CHECK"],
    ...rows.map((row) => [
      row.host,
      row.name,
      `${row.service.split(" ")[0] ?? ""} ${row.server}`,
      row.director,
      row.state,
      row.weight === undefined
        ? `out (${row.definedWeight})`
        : row.weight === row.definedWeight
          ? String(row.weight)
          : `${row.weight} (${row.definedWeight})`,
      `${row.active}/${row.inactive}`,
      row.message,
    ]),
  ])
}

function stateOf(view: HostView, observed: Observed | undefined): string {
  if (observed === undefined) return "unknown"
  const vrrp = (observed.agent?.vrrp ?? []).map(
    (instance) =>
      `${instance.state} ${instance.instance}${instance.demoted ? " (handed over)" : ""}`,
  )
  const wanted = view.realserver?.vips ?? []
  const held = wanted.filter((vip) =>
    observed.addresses.some(
      (address) => address.address === vip.address && address.device === vip.device,
    ),
  )
  const vips = wanted.length === 0 ? [] : [`${held.length} of ${wanted.length} VIPs`]
  const open =
    observed.transaction === undefined
      ? []
      : [`release ${observed.transaction.release.slice(0, 12)} not confirmed`]
  return [...vrrp, ...vips, ...open, ...(observed.agent?.warnings ?? [])].join("; ") || "-"
}

function agentOf(view: HostView, observed: Observed | undefined): string {
  if (view.director === undefined || observed === undefined) return "-"
  if (observed.agent === undefined) return "not installed"
  return observed.agent.running ? "running" : "not running"
}

/** Whether a director holds the VIPs of a cluster. */
export function isMaster(view: HostView, status: AgentStatus, cluster: string): boolean {
  const names = (view.director?.vrrp ?? [])
    .filter((instance) => instance.cluster === cluster)
    .map((instance) => instance.instance)
  return status.vrrp.some(
    (instance) => names.includes(instance.instance) && instance.state === "MASTER",
  )
}

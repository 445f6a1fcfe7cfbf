import type { DesiredServer, DesiredService, DirectorState } from "../model/desired.ts"
import type { Watermark } from "../model/fleet.ts"
import type { IpvsTable } from "../model/ipvs.ts"
import { destinationName, serviceName } from "../model/ipvs.ts"
import type { QuorumState, Runtime } from "./ipvs-runtime.ts"
import { standingOf, weightWhenUp } from "./ipvs-standing.ts"

/** What fractions such as 0.3 × 10 are off by in binary. */
const rounding = 1e-9

/** How many servers of a service take new connections, wait for their first answer, and could take some. */
export interface Count {
  readonly taking: number
  readonly waiting: number
  readonly total: number
}

/** The next quorum state of every desired service, by serviceName; undecided services are left out. */
export function stepQuorum(state: DirectorState, runtime: Runtime): Map<string, QuorumState> {
  const next = new Map<string, QuorumState>()
  for (const service of state.services) {
    const name = serviceName(service.key)
    const counted = count(service, runtime)
    const decided = nextQuorum(limitsOf(service, counted.total), runtime.quorum.get(name), counted)
    if (decided !== undefined) next.set(name, decided)
  }
  return next
}

/** Numbers of servers: fewer than `keep` lose the service, `regain` bring it back, `begin` are enough without a history. */
export interface Limits {
  readonly keep: number
  readonly regain: number
  readonly begin: number
}

/** The limits of a service whose definition has so many servers with a weight. */
export function limitsOf(
  { quorum, watermark }: Pick<DesiredService, "quorum" | "watermark">,
  total: number,
): Limits {
  return watermark === undefined ? quorumLimits(quorum, total) : watermarkLimits(watermark, total)
}

/**
 * keepalived's rule (keepalived/check/ipwrapper.c, update_quorum_state), counting servers where it adds weights:
 * lost below up - hysteresis, regained at up + hysteresis. Two differences: a pool smaller than up + hysteresis regains
 * with all its servers, unless those are too few to keep it, and without a history it takes `up` servers, or such a pool.
 * Limits never cross: looking twice at the same servers changes nothing.
 */
function quorumLimits({ up, hysteresis }: DesiredService["quorum"], total: number): Limits {
  const keep = up - hysteresis
  const regain = Math.max(keep, Math.min(up + hysteresis, Math.max(total, 1)))
  return { keep, regain, begin: Math.min(up, regain) }
}

/** Seesaw's rule (engine/vserver.go, updateState): the fraction of servers that take connections reaches the mark; one at least. */
function watermarkLimits({ low, high }: Watermark, total: number): Limits {
  const servers = (fraction: number): number => Math.max(1, Math.ceil(fraction * total - rounding))
  const regain = servers(Math.max(low, high))
  return { keep: servers(low), regain, begin: regain }
}

/** The next state by the limits. Nobody left is always a loss. */
export function nextQuorum(
  limits: Limits,
  before: QuorumState | undefined,
  { taking, waiting }: Count,
): QuorumState | undefined {
  if (before === "up") return taking === 0 || taking < limits.keep ? "down" : "up"
  const wanted = before === "down" ? limits.regain : limits.begin
  if (taking > 0 && taking >= wanted) return "up"
  return before === undefined && waiting > 0 ? undefined : "down"
}

/** What a kernel's table tells of the quorum: a service that serves by its sorry server has lost it, one with servers has it. */
export function quorumOfTable(state: DirectorState, table: IpvsTable): Map<string, QuorumState> {
  const found = new Map<string, QuorumState>()
  const byName = new Map(table.map((service) => [serviceName(service.key), service] as const))
  for (const service of state.services) {
    const name = serviceName(service.key)
    const held = byName.get(name)
    if (held === undefined) continue
    const sorry = service.sorryServer === undefined ? "" : destinationName(service.sorryServer)
    const taking = held.destinations.filter((destination) => destination.weight > 0)
    if (taking.some((destination) => destinationName(destination) === sorry))
      found.set(name, "down")
    else if (taking.length > 0) found.set(name, "up")
  }
  return found
}

function count(service: DesiredService, runtime: Runtime): Count {
  const weight = (server: DesiredServer) => weightWhenUp(service, server, runtime)
  const able = service.servers.filter((server) => server.weight > 0 || weight(server) > 0)
  // Whoever operators keep from serving cannot come back: a quorum is regained by the others (Seesaw's watermark counts them).
  const left = able.filter((server) => weight(server) > 0)
  const standings = able.map((server) => standingOf(service, server, runtime))
  return {
    taking: standings.filter((standing) => standing.kind === "in" && standing.weight > 0).length,
    waiting: standings.filter((standing) => standing.kind === "waiting").length,
    total: (service.watermark === undefined ? left : able).length,
  }
}

import type { DesiredService, DirectorState } from "../model/desired.ts"
import type { IpvsTable } from "../model/ipvs.ts"
import { destinationName, serviceName } from "../model/ipvs.ts"
import type { QuorumState, Runtime } from "./ipvs-runtime.ts"
import { standingOf } from "./ipvs-standing.ts"

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
    const decided = nextQuorum(service.quorum, runtime.quorum.get(name), count(service, runtime))
    if (decided !== undefined) next.set(name, decided)
  }
  return next
}

/**
 * keepalived's rule (keepalived/check/ipwrapper.c, update_quorum_state), counting servers where it adds weights:
 * lost when none is left or fewer than up - hysteresis, regained at up + hysteresis. Two differences: a pool smaller
 * than up + hysteresis regains with all its servers, and without a history it takes `up` servers, or the answer of all.
 */
export function nextQuorum(
  quorum: DesiredService["quorum"],
  before: QuorumState | undefined,
  { taking, waiting, total }: Count,
): QuorumState | undefined {
  if (before === "up") return taking === 0 || taking < quorum.up - quorum.hysteresis ? "down" : "up"
  const wanted =
    before === "down" ? Math.min(quorum.up + quorum.hysteresis, Math.max(total, 1)) : quorum.up
  if (taking > 0 && taking >= wanted) return "up"
  return before === undefined && waiting > 0 ? undefined : "down"
}

/** What a kernel's table tells of the quorum: a service that serves by its sorry server has lost it, one with servers has it. */
export function quorumOfTable(state: DirectorState, table: IpvsTable): Map<string, QuorumState> {
  const found = new Map<string, QuorumState>()
  for (const service of state.services) {
    const name = serviceName(service.key)
    const held = table.find((candidate) => serviceName(candidate.key) === name)
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
  const standings = service.servers.map((server) => standingOf(service, server, runtime))
  return {
    taking: standings.filter((standing) => standing.kind === "in" && standing.weight > 0).length,
    waiting: standings.filter((standing) => standing.kind === "waiting").length,
    total: service.servers.filter((server) => server.weight > 0).length,
  }
}

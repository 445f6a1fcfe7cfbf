import { isCheckService, destinationName, serviceName } from "../../model/ipvs.ts"
import type { IpvsTable } from "../../model/ipvs.ts"
import type { DesiredService, DirectorState } from "../../model/desired.ts"
import type { ServerCounters } from "../../model/agent-status.ts"
import type { DrainingServer } from "../../plan/ipvs-runtime.ts"
import { serverKey } from "../../plan/ipvs-runtime.ts"

/** A real server on its way out; times in milliseconds since 1970. */
export interface Drain extends Pick<DrainingServer, "service" | "destination"> {
  readonly sinceMs: number
  readonly untilMs: number
  /** Since when it has had no connection to lose. */
  readonly idleSinceMs?: number
}

/** How long a server must have been seen without connections: one that was just scheduled may not be counted yet. */
const idleGraceMs = 3000
/** How long a server without any connection entry must have rested before it goes. */
const restMs = 1000
/** Where the definition that would tell is gone: the default of `drain_timeout`. */
const defaultTimeoutMs = 30_000

/**
 * The drains after a new definition: those still under way, and one for each server that the kernel holds in a wanted
 * or owned service and that nobody wants any more. `former` is the definition before, for the timeout of services that left.
 */
export function startDrains(
  current: readonly Drain[],
  state: DirectorState,
  former: DirectorState | undefined,
  table: IpvsTable,
  owned: ReadonlySet<string>,
  nowMs: number,
): Drain[] {
  const desired = byName(state)
  const before = byName(former)
  const known = new Map(current.map((drain) => [nameOf(drain), drain]))
  return table.flatMap((held) => {
    const name = serviceName(held.key)
    const wanted = desired.get(name)
    if ((wanted === undefined && !owned.has(name)) || isCheckService(held.key)) return []
    const { destinations, ...service } = held
    const timeoutMs = (wanted ?? before.get(name))?.drainTimeoutMs ?? defaultTimeoutMs
    return destinations
      .filter((destination) => !isWanted(wanted, destinationName(destination)))
      .map(
        (destination) =>
          known.get(serverKey(name, destinationName(destination))) ?? {
            service,
            destination,
            sinceMs: nowMs,
            untilMs: nowMs + timeoutMs,
          },
      )
  })
}

/**
 * The drains that go on. One ends with its time; or with the last established connection, seen absent for three seconds
 * (UDP has none that count as established: there, with the last entry); or when it rests without any entry.
 */
export function stepDrains(
  current: readonly Drain[],
  counters: readonly ServerCounters[],
  nowMs: number,
): Drain[] {
  const byServer = new Map(
    counters.map((counter) => [serverKey(counter.service, counter.server), counter]),
  )
  return current.flatMap((drain) => {
    const counter = byServer.get(nameOf(drain))
    if (counter === undefined || nowMs >= drain.untilMs) return []
    if (!isIdle(drain, counter)) {
      const { idleSinceMs: _, ...busy } = drain
      return [busy]
    }
    const idleSinceMs = drain.idleSinceMs ?? nowMs
    const empty = counter.active + counter.inactive === 0
    if (nowMs - idleSinceMs >= idleGraceMs || (empty && nowMs - drain.sinceMs >= restMs)) return []
    return [{ ...drain, idleSinceMs }]
  })
}

/** `serverKey` of a drain. */
export function nameOf({ service, destination }: Drain): string {
  return serverKey(serviceName(service.key), destinationName(destination))
}

function isIdle({ service }: Drain, { active, inactive }: ServerCounters): boolean {
  const counted = service.key.kind === "address" && service.key.protocol !== "udp"
  return counted ? active === 0 : active + inactive === 0
}

function isWanted(service: DesiredService | undefined, name: string): boolean {
  if (service === undefined) return false
  const { servers, sorryServer } = service
  return (
    servers.some((server) => destinationName(server) === name) ||
    (sorryServer !== undefined && destinationName(sorryServer) === name)
  )
}

function byName(state: DirectorState | undefined): Map<string, DesiredService> {
  return new Map(
    (state?.services ?? []).map((service) => [serviceName(service.key), service] as const),
  )
}

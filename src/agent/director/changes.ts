import { instantOf } from "../../core/instant.ts"
import type { HealthState } from "../../model/agent-status.ts"
import type { DirectorState } from "../../model/desired.ts"
import { destinationName, serviceName } from "../../model/ipvs.ts"
import type { StateChange } from "../../model/state-change.ts"
import { keyOf, serviceOfKey, type QuorumState } from "../../plan/ipvs-runtime.ts"

/** What is said of one real server. */
interface Report {
  /** `serverKey`. */
  readonly key: string
  readonly state: HealthState
  readonly message: string
  readonly sinceMs: number
}

/**
 * Changes of real servers that operators are told of. A server first heard of is no change when it is up, nor when it
 * has been down since before the agent started: its change was told then.
 */
export function serverChanges(
  desired: DirectorState | undefined,
  known: ReadonlyMap<string, Pick<Report, "state">>,
  reports: readonly Report[],
  startedMs: number,
): StateChange[] {
  const changed = reports.filter(({ key, state, sinceMs }) => {
    const from = known.get(key)?.state ?? "unknown"
    if (from !== "unknown") return from !== state
    return state === "down" && sinceMs >= startedMs
  })
  if (changed.length === 0) return []
  const names = serverNames(desired, new Set(changed.map(({ key }) => serviceOfKey(key))))
  return changed.flatMap(({ key, state: to, message, sinceMs }): StateChange[] => {
    const server = names.get(key)
    if (server === undefined) return []
    const from = known.get(key)?.state ?? "unknown"
    return [{ at: instantOf(sinceMs), kind: "server", ...server, from, to, message }]
  })
}

/** Changes of quorums that operators are told of: a service first decided on is one when it has none. */
export function quorumChanges(
  before: ReadonlyMap<string, QuorumState>,
  after: ReadonlyMap<string, QuorumState>,
  at: string,
): StateChange[] {
  return [...after].flatMap(([name, to]): StateChange[] => {
    const from = before.get(name) ?? (to === "down" ? "unknown" : to)
    return from === to ? [] : [{ at, kind: "quorum", name, from, to, message: "" }]
  })
}

/** What operators call the real servers of these services. */
function serverNames(
  desired: DirectorState | undefined,
  services: ReadonlySet<string>,
): ReadonlyMap<string, Pick<StateChange, "name" | "server" | "host">> {
  return new Map(
    (desired?.services ?? [])
      .filter(({ key }) => services.has(serviceName(key)))
      .flatMap((service) =>
        service.servers.map(
          (server) =>
            [
              keyOf(service, server),
              {
                name: serviceName(service.key),
                server: destinationName(server),
                host: server.host,
              },
            ] as const,
        ),
      ),
  )
}

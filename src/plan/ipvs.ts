import { compareAddresses } from "../core/address.ts"
import type { DesiredServer, DesiredService, DirectorState } from "../model/desired.ts"
import type { IpvsDestination, IpvsService, IpvsTable } from "../model/ipvs.ts"
import { destinationName, isCheckService, serviceName } from "../model/ipvs.ts"
import { lastServers } from "./ipvs-keep-last.ts"
import type { DrainingServer, Runtime, ServiceHead } from "./ipvs-runtime.ts"
import { keyOf } from "./ipvs-runtime.ts"
import type { Standing } from "./ipvs-standing.ts"
import { losesClientsAtRest, resting, serving, standingOf } from "./ipvs-standing.ts"
import { isDisabled } from "./overrides.ts"

/**
 * The IPVS table a director's kernel shall hold now, the agent's private check services aside.
 *
 * Servers that left the definition stay with weight 0 while they drain. So do the servers of a service that left: new
 * clients are refused, which is what they get once it is gone, and established connections end by themselves or with
 * the drain timeout. As long as a service has nobody but newcomers that have not answered yet, those who leave go on
 * serving. Where the quorum is lost and there is a sorry server, it takes the new connections and servers that still
 * answer keep theirs; with `all_down: remove` nobody takes new ones. Otherwise, when all are down, `lastServers` stay. A service
 * that is disabled stays without anybody, its sorry server included: were it to leave, its clients would reach whatever
 * listens on the director itself, since the VIP stays.
 */
export function wantedTable(state: DirectorState, runtime: Runtime): IpvsTable {
  const draining = byService(runtime.draining)
  const desired = state.services.map((service) =>
    wantedService(service, draining.get(serviceName(service.key)) ?? [], runtime),
  )
  const names = new Set(state.services.map((service) => serviceName(service.key)))
  const leaving = [...draining].flatMap(([name, servers]) =>
    names.has(name) ? [] : leavingService(servers, runtime.now),
  )
  return [...desired, ...leaving]
}

/** Services of the kernel that are no affair of lbctl: neither wanted, nor made or adopted by it. */
export function foreignServices(
  actual: IpvsTable,
  wanted: IpvsTable,
  owned: ReadonlySet<string>,
): IpvsService[] {
  const ours = new Set([...owned, ...wanted.map((service) => serviceName(service.key))])
  return actual.filter(
    (service) => !ours.has(serviceName(service.key)) && !isCheckService(service.key),
  )
}

/** The kernel's words for a desired service. */
export function headOf(service: DesiredService): ServiceHead {
  return {
    key: service.key,
    scheduler: service.scheduler,
    flags: service.flags,
    onePacket: service.onePacket,
    ...(service.persistence === undefined ? {} : { persistence: service.persistence }),
  }
}

function wantedService(
  service: DesiredService,
  leaving: readonly DrainingServer[],
  runtime: Runtime,
): IpvsService {
  if (isDisabled(service, runtime)) return { ...headOf(service), destinations: [] }
  const standings = service.servers.map((server) => ({
    server,
    standing: standingOf(service, server, runtime),
  }))
  const lost = runtime.quorum.get(serviceName(service.key)) === "down"
  const sorry = lost ? sorryDestination(service) : []
  const yields = sorry.length > 0 || (lost && service.allDown === "remove")
  const bridging =
    sorry.length === 0 &&
    standings.some(({ standing }) => standing.kind === "waiting") &&
    !standings.some(({ standing }) => standing.kind === "in" && standing.weight > 0)
  const last = bridging && leaving.length > 0 ? new Set<string>() : lastServers(service, runtime)
  const placed = standings.flatMap(({ server, standing }) => {
    const judged = last.has(keyOf(service, server)) ? serving(service, server, runtime) : standing
    return place(destinationOf(server), yields ? yielding(service, judged) : judged)
  })
  const kept = bridging
    ? leaving.map(({ destination }) => destination)
    : leaving
        .filter((server) => stillDrains(server, runtime.now))
        .flatMap(({ destination }) => place(destination, resting(service)))
  // The definition's own order is canonical already, and most tables have nothing else.
  const destinations =
    sorry.length + kept.length === 0 ? placed : canonical([...placed, ...sorry, ...kept])
  return { ...headOf(service), destinations }
}

function yielding(service: DesiredService, standing: Standing): Standing {
  return standing.kind === "in" ? resting(service) : standing
}

function leavingService(servers: readonly DrainingServer[], now: string): IpvsService[] {
  const kept = servers.filter((server) => stillDrains(server, now))
  const [first] = kept
  if (first === undefined || losesClientsAtRest(first.service)) return []
  const resting = kept.map(({ destination }) => ({ ...destination, weight: 0 }))
  return [{ ...first.service, destinations: canonical(resting) }]
}

function stillDrains({ until }: DrainingServer, now: string): boolean {
  return until > now
}

function byService(draining: readonly DrainingServer[]): Map<string, DrainingServer[]> {
  const groups = new Map<string, DrainingServer[]>()
  for (const server of draining) {
    const name = serviceName(server.service.key)
    groups.set(name, [...(groups.get(name) ?? []), server])
  }
  return groups
}

function place(destination: IpvsDestination, standing: Standing): IpvsDestination[] {
  if (standing.kind === "in") return [{ ...destination, weight: standing.weight }]
  return standing.kind === "waiting" && standing.held ? [{ ...destination, weight: 0 }] : []
}

/** The kernel's words for a desired server that takes connections. */
export function destinationOf(server: DesiredServer): IpvsDestination {
  const { address, port, forwarding, weight, upperThreshold, lowerThreshold, tunnel } = server
  return {
    address,
    port,
    forwarding,
    weight,
    upperThreshold,
    lowerThreshold,
    ...(tunnel === undefined || tunnel.type === "ipip" ? {} : { tunnel }),
  }
}

function sorryDestination(service: DesiredService): IpvsDestination[] {
  if (service.sorryServer === undefined) return []
  const { address, port, forwarding } = service.sorryServer
  return [{ address, port, forwarding, weight: 1, upperThreshold: 0, lowerThreshold: 0 }]
}

/** By address and port; of two with one name the first counts: a real server before the sorry server before a leaver. */
function canonical(destinations: readonly IpvsDestination[]): IpvsDestination[] {
  const byName = new Map<string, IpvsDestination>()
  for (const destination of destinations) {
    const name = destinationName(destination)
    if (!byName.has(name)) byName.set(name, destination)
  }
  return [...byName.values()].sort(
    (a, b) => compareAddresses(a.address, b.address) || a.port - b.port,
  )
}

import type { HealthState } from "../model/agent-status.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import type { IpvsDestination, IpvsService, IpvsTable } from "../model/ipvs.ts"
import { destinationName, serviceName } from "../model/ipvs.ts"
import type { Override } from "../model/override.ts"

/** A kernel service without its real servers. */
export type ServiceHead = Omit<IpvsService, "destinations">

/** A real server that left the definition (or whose service did) and keeps its connections for a while. */
export interface DrainingServer {
  /** The service as the kernel held it: it stays as long as one of its servers drains. */
  readonly service: ServiceHead
  /** The server as the kernel held it when it left, with its weight of then. */
  readonly destination: IpvsDestination
  /** ISO 8601 in UTC: taken out then at the latest. */
  readonly until: string
}

/** Whether a service has enough real servers; services that are not named have not decided yet. */
export type QuorumState = "up" | "down"

/** What is asked by key; a Map is one. */
export type Lookup<T> = Pick<ReadonlyMap<string, T>, "get">

/** What is known at run time besides the definition: everything the wanted table follows from. */
export interface Runtime {
  /** By `serverKey`; a server with a check that is missing here was never asked. */
  readonly health: Lookup<HealthState>
  readonly overrides: readonly Override[]
  readonly draining: readonly DrainingServer[]
  /** When servers that are down now ceased to be up, by `serverKey`, in milliseconds since 1970; those that never were are missing. */
  readonly fallen: Lookup<number>
  /** Weights of servers in slow start, by `serverKey`. */
  readonly ramps: Lookup<number>
  /** Weights that checks asked for, by `serverKey`. */
  readonly told: Lookup<number>
  /** By serviceName. */
  readonly quorum: ReadonlyMap<string, QuorumState>
  /** Weights of the servers the kernel held when it was last adopted, by `serverKey`. */
  readonly adopted: ReadonlyMap<string, number>
  /** ISO 8601 in UTC as Date.toISOString writes it; compared as text. */
  readonly now: string
}

/** One name for a real server of a kernel service. */
export function serverKey(service: string, server: string): string {
  return `${service} ${server}`
}

/** The service's name in a `serverKey`: a server's own name has no space. */
export function serviceOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf(" "))
}

/** `serverKey` of a desired server. */
export function keyOf(service: DesiredService, server: DesiredServer): string {
  return serverKey(serviceName(service.key), destinationName(server))
}

/** The weights of all servers of a table, by `serverKey`. */
export function adoptedServers(table: IpvsTable): Map<string, number> {
  return new Map(
    table.flatMap((service) =>
      service.destinations.map(
        (destination) =>
          [
            serverKey(serviceName(service.key), destinationName(destination)),
            destination.weight,
          ] as const,
      ),
    ),
  )
}

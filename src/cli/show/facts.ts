import type { AgentStatus, ServerCounters, ServiceCounters } from "../../model/agent-status.ts"
import type { DesiredServer, DesiredService } from "../../model/desired.ts"
import { destinationName, serviceName } from "../../model/ipvs.ts"
import type { Traffic } from "../../model/traffic.ts"
import { wantedNow } from "../../plan/ipvs-changes.ts"
import { adoptedServers, serverKey } from "../../plan/ipvs-runtime.ts"
import { backendRows, isMaster, type BackendRow, type Seen } from "../tables.ts"

/** One real server of one kernel service on one director. */
export interface ServerFact extends BackendRow {
  readonly cluster: string
  readonly master: boolean
  readonly forwarding: string
  /** What the agent wants the kernel to hold; undefined: nothing. */
  readonly wantedWeight: number | undefined
  readonly since: string
  readonly transitions: number | undefined
  readonly persistent: number | undefined
  readonly connections: number
  readonly traffic: Traffic | undefined
  /** Per second. */
  readonly rates: Traffic | undefined
  /** How it is checked: `http`, `none`. */
  readonly check: string
}

/** One kernel service on one director. */
export interface ServiceFact {
  readonly name: string
  readonly cluster: string
  readonly service: string
  readonly director: string
  readonly master: boolean
  /** As the definition has it. */
  readonly defined: DesiredService
  /** The kernel's; undefined: it lacks the service. */
  readonly scheduler: string | undefined
  readonly quorum: "up" | "down" | undefined
  readonly quorumSince: string | undefined
  readonly up: number
  readonly active: number
  readonly inactive: number
  readonly traffic: Traffic | undefined
  readonly rates: Traffic | undefined
  readonly servers: readonly ServerFact[]
}

/** What is known of all services on the directors that answer. `now` is ISO 8601 in UTC. */
export function serviceFacts(seen: readonly Seen[], now: string): ServiceFact[] {
  return seen.flatMap((one): ServiceFact[] => {
    const status = one.observed?.agent
    if (status === undefined) return []
    const books = booksOf(status, backendRows([one]), now)
    return (one.view.director?.services ?? []).map((service) => serviceFact(one, service, books))
  })
}

/** One status, by the names of services and of real servers. */
interface Books {
  readonly status: AgentStatus
  readonly rows: ReadonlyMap<string, BackendRow>
  readonly servers: ReadonlyMap<string, ServerCounters>
  readonly services: ReadonlyMap<string, ServiceCounters>
  readonly health: ReadonlyMap<string, AgentStatus["health"][number]>
  readonly wanted: ReadonlyMap<string, number>
}

function booksOf(status: AgentStatus, rows: readonly BackendRow[], now: string): Books {
  const key = (item: { service: string; server: string }) => serverKey(item.service, item.server)
  return {
    status,
    rows: new Map(rows.map((row) => [key(row), row])),
    servers: new Map(status.counters.map((item) => [key(item), item])),
    services: new Map((status.services ?? []).map((item) => [item.service, item])),
    health: new Map(status.health.map((item) => [key(item), item])),
    wanted: adoptedServers(wantedNow(status, now) ?? []),
  }
}

function serviceFact({ view }: Seen, defined: DesiredService, books: Books): ServiceFact {
  const { status } = books
  const service = serviceName(defined.key)
  const master = isMaster(view, status, defined.cluster)
  const place = { cluster: defined.cluster, master }
  const servers = defined.servers.flatMap((server) => {
    const row = books.rows.get(serverKey(service, destinationName(server)))
    return row === undefined ? [] : [serverFact(row, defined, server, place, books)]
  })
  const quorum = status.quorum?.find((item) => item.service === service)
  const own = status.counters.filter((item) => item.service === service)
  return {
    name: defined.name,
    ...place,
    service,
    director: view.host,
    defined,
    scheduler: status.table.find((held) => serviceName(held.key) === service)?.scheduler,
    quorum: quorum?.state,
    quorumSince: quorum?.since,
    up: servers.filter(({ weight = 0 }) => weight > 0).length,
    active: own.reduce((sum, item) => sum + item.active, 0),
    inactive: own.reduce((sum, item) => sum + item.inactive, 0),
    traffic: books.services.get(service)?.traffic,
    rates: books.services.get(service)?.rates,
    servers,
  }
}

function serverFact(
  row: BackendRow,
  service: DesiredService,
  server: DesiredServer,
  place: { readonly cluster: string; readonly master: boolean },
  books: Books,
): ServerFact {
  const key = serverKey(row.service, row.server)
  const counters = books.servers.get(key)
  const health = books.health.get(key)
  return {
    ...row,
    ...place,
    forwarding: server.forwarding,
    wantedWeight: books.wanted.get(key),
    since: health?.since ?? "",
    transitions: health?.transitions,
    persistent: counters?.persistent,
    connections: counters?.connections ?? 0,
    traffic: counters?.traffic,
    rates: counters?.rates,
    check: service.check?.type ?? "none",
  }
}

import type { AccessRule } from "./access.ts"
import type { Notifications } from "./notifications.ts"
import { lastPort, type MarkMatch, type MarkRule } from "./mark-rules.ts"
import type { HealthCheck, Quorum, Watermark } from "./fleet.ts"
import type { KeepalivedBlock, KeepalivedService, KeepalivedVrrp } from "./keepalived.ts"
import type {
  Forwarding,
  IpvsTimeouts,
  Persistence,
  Scheduler,
  SchedulerFlag,
  ServiceKey,
  SyncTransport,
  Tunnel,
} from "./ipvs.ts"
import type { System } from "./system.ts"

/** One real server of one kernel service, as the agent shall keep it. */
export interface DesiredServer {
  /** Inventory name: what operators drain by. */
  readonly host: string
  readonly address: string
  readonly port: number
  readonly weight: number
  readonly upperThreshold: number
  readonly lowerThreshold: number
  readonly forwarding: Forwarding
  readonly tunnel?: Tunnel
}

/** One kernel service, as the agent shall keep it. */
export interface DesiredService {
  /** Name under `services:`; several kernel services share it. */
  readonly name: string
  readonly cluster: string
  /** Written into the kernel by keepalived, which the agent only watches. Absent: by the agent. */
  readonly ipvs?: "keepalived"
  readonly key: ServiceKey
  /** With a firewall mark, and then never empty: what the marking rules give it to. */
  readonly matches?: readonly MarkMatch[]
  readonly scheduler: Scheduler
  readonly flags: readonly SchedulerFlag[]
  readonly onePacket: boolean
  readonly persistence?: Persistence
  readonly check?: HealthCheck
  readonly quorum: Quorum
  /** Instead of the quorum, as fractions of the servers that have a weight. */
  readonly watermark?: Watermark
  /** What becomes of the service when it is lost; by default its last servers stay in, or the sorry server serves. */
  readonly allDown?: "remove"
  readonly sorryServer?: {
    readonly address: string
    readonly port: number
    readonly forwarding: Forwarding
  }
  readonly inhibitOnFailure: boolean
  /** How a server counts that no check has answered yet and that the kernel does not hold; by default `unknown`. */
  readonly initial?: "up" | "down"
  /** How long a server that comes up takes to reach its weight, in milliseconds; by default it has it at once. */
  readonly slowStartMs?: number
  readonly drainTimeoutMs: number
  readonly keepalived?: KeepalivedService
  readonly servers: readonly DesiredServer[]
}

/** The services that the agent itself programs and checks. */
export function agentServices(services: readonly DesiredService[]): DesiredService[] {
  return services.filter(({ ipvs }) => ipvs === undefined)
}

/** The services that keepalived programs and checks. */
export function keepalivedServices(services: readonly DesiredService[]): DesiredService[] {
  return services.filter(({ ipvs }) => ipvs === "keepalived")
}

/** The VIPs whose packets belong to a kernel service, each once. */
export function vipsOf({ key, matches = [] }: Pick<DesiredService, "key" | "matches">): string[] {
  if (key.kind === "address") return [key.address]
  return [...new Set(matches.map(({ address }) => address))]
}

/** What of the VIPs' packets a kernel service is for; port 0 of an address is every port. */
export function matchesOf({
  key,
  matches = [],
}: Pick<DesiredService, "key" | "matches">): readonly MarkMatch[] {
  if (key.kind === "fwmark") return matches
  const { address, protocol, port } = key
  return [{ address, protocol, first: port, last: port === 0 ? lastPort : port }]
}

/** All marking rules of a director, in the order of its services. */
export function markRules({ services }: Pick<DirectorState, "services">): MarkRule[] {
  return services.flatMap(({ key, matches = [] }) =>
    key.kind === "fwmark" ? matches.map((match) => ({ fwmark: key.fwmark, ...match })) : [],
  )
}

/** One VRRP instance of one director. */
export interface DesiredVrrp {
  readonly cluster: string
  readonly instance: string
  /** Inventory name of this director: by it operators give it another priority. Absent: compiled by an older lbctl. */
  readonly host?: string
  readonly interface: string
  readonly virtualRouterId: number
  readonly priority: number
  readonly advertIntervalMs: number
  readonly preempt: boolean
  /** Who speaks VRRP: the agent itself; keepalived where it is left out. */
  readonly driver?: "native"
  readonly anchor: string
  readonly vips: readonly string[]
  readonly source: string
  /** Empty: multicast. */
  readonly unicastPeers: readonly string[]
  /** Inventory names of all directors of the cluster, this one included. */
  readonly directors: readonly string[]
  readonly garpRefreshMs: number
  /** Every peer's priority, for a handover below the lowest. */
  readonly lowestPeerPriority: number
  readonly keepalived?: KeepalivedVrrp
}

/** The agent's desired state: the file /etc/lbctl/agent.json. */
export interface DirectorState {
  readonly format: 1
  readonly services: readonly DesiredService[]
  readonly vrrp: readonly DesiredVrrp[]
  /** Lines of keepalived's global_defs besides lbctl's own. */
  readonly globalDefs?: readonly string[]
  /** keepalived's static_ipaddress, static_routes and static_rules. */
  readonly statics?: readonly KeepalivedBlock[]
  readonly connectionSync: readonly DesiredSync[]
  /** Those the definition gives; the others stay as the kernel has them. */
  readonly timeouts?: Partial<IpvsTimeouts>
  readonly notifications?: Notifications
  /** Who may set and lift overrides, of the clusters that say so; by default whoever reaches the agent. */
  readonly access?: readonly AccessRule[]
  /** Where `GET /metrics` is served besides the socket. */
  readonly metrics?: { readonly listen: { readonly address: string; readonly port: number } }
}

/** What a director is to hold that no definition names. */
export const emptyState: DirectorState = { format: 1, services: [], vrrp: [], connectionSync: [] }

/** Connection synchronisation of one VRRP instance. */
export interface DesiredSync extends SyncTransport {
  readonly instance: string
  readonly interface: string
  readonly id: number
}

/** A switch below net.ipv4.vs. */
export interface IpvsSysctl {
  readonly name: string
  readonly value: string
  readonly why: string
}

/** What one host's templates and roles see: the typed view of DESIGN 4, documented in docs/templates.md. */
export interface HostView {
  readonly host: string
  readonly addresses: readonly string[]
  readonly groups: readonly string[]
  readonly vars: Readonly<Record<string, unknown>>
  /** Absent: nothing is rendered from this view. */
  readonly system?: System
  readonly director?: DirectorState
  /** On directors: the switches of their kernel. */
  readonly ipvsSysctls?: readonly IpvsSysctl[]
  /** The agent release directors run: its id and where it is installed (/opt/lbctl/agent/ID). */
  readonly agent?: { readonly id: string; readonly path: string }
  readonly realserver?: RealServerView
}

/** What a real server must hold. */
export interface RealServerView {
  /** The VIPs it holds, canonical order. */
  readonly vips: readonly {
    readonly address: string
    readonly prefix: number
    readonly family: 4 | 6
    readonly services: readonly string[]
    /** `lo`, or the IPv4 tunnel device the VIP's packets come out of. */
    readonly device: string
  }[]
  /** Needs tunnel devices: some service forwards by tun. */
  readonly tunnels: readonly ("ipip" | "ip6tnl" | "gre" | "gue")[]
  /** UDP sockets that receive gue, by port; the family is that of the directors' packets. */
  readonly gueSockets?: readonly { readonly port: number; readonly family: 4 | 6 }[]
}

import type { AccessRule } from "./access.ts"
import type { SourceRef } from "../core/problem.ts"
import type { Secret } from "../core/secret.ts"
import type { HealthCheck } from "./check.ts"
import type {
  Forwarding,
  IpvsDriver,
  IpvsTimeouts,
  Persistence,
  Protocol,
  Scheduler,
  SchedulerFlag,
  SyncTransport,
  Tunnel,
} from "./ipvs.ts"
import type { Notifications } from "./notifications.ts"
import type { KeepalivedGlobal, KeepalivedService, KeepalivedVrrp } from "./keepalived.ts"
import type { RolloutPolicy } from "./rollout.ts"
import type { System } from "./system.ts"

/** How lbctl reaches a host, or a jump host on the way to one; from ssh_config and Ansible's connection variables. */
export interface Connection {
  /** After HostName. */
  readonly address: string
  readonly port: number
  readonly user?: string
  /** Private key files in order of preference; undefined: the user's default ones. Absolute, or relative to the current folder, or ~. */
  readonly identityFiles?: readonly string[]
  /** Keys of the agent that no identity file names are not offered. */
  readonly identitiesOnly: boolean
  /** IdentityAgent: a socket, "none"; undefined: SSH_AUTH_SOCK. */
  readonly identityAgent?: string
  /** From UserKnownHostsFile; undefined: the user's own. */
  readonly knownHostsFiles?: readonly string[]
  /** The name under which known_hosts knows the host, when it is not the address. */
  readonly hostKeyAlias?: string
  readonly hostKeyChecking: "strict" | "accept-new"
  /** The connection through which this one is reached (ProxyJump), itself perhaps through another. */
  readonly via?: Connection
  readonly proxyCommand?: string
  readonly connectTimeoutMs?: number
  /** ServerAliveInterval (0 = off) and ServerAliveCountMax. */
  readonly keepalive?: { readonly intervalMs: number; readonly countMax: number }
  readonly transport: "builtin" | "ssh"
  /** Options for the system's ssh when that is the transport: what the inventory says, as -o words; it reads ssh_config itself. */
  readonly sshArguments: readonly string[]
  /** The name by which ssh_config knows the host, when it is not the address: the system's ssh is called with it, and told the address. */
  readonly sshName?: string
  readonly password?: Secret
  readonly become?: {
    readonly method: "sudo" | "doas"
    readonly user: "root"
    readonly password?: Secret
    readonly executable?: string
    readonly flags?: readonly string[]
  }
}

/** A host of the inventory. */
export interface Host {
  readonly name: string
  readonly at: SourceRef
  readonly connection: Connection
  /** Data addresses, at most one a family: where directors send traffic and VRRP peers live (`lbctl_address`). */
  readonly addresses: readonly string[]
  readonly groups: readonly string[]
  /** Where `lbctl_managed: false` stands: lbctl never connects to the host and sets nothing up there. Undefined: it does. */
  readonly unmanaged?: SourceRef
  /** What the inventory says of its system; the rest the host tells when it is looked at. */
  readonly system?: Partial<System>
  /** All variables of the host after Ansible's precedence, for templates. */
  readonly vars: Readonly<Record<string, unknown>>
}

export interface Quorum {
  /** Least number of real servers up; below it the sorry server (when there is one) takes over. */
  readonly up: number
  readonly hysteresis: number
}

/** Seesaw's rule: a service is lost below `low` and comes back at `high`, fractions of its real servers from 0 to 1. */
export interface Watermark {
  readonly low: number
  readonly high: number
}

/** Which past releases hosts keep, besides the confirmed one and the one before it. */
export interface ReleasesKept {
  /** So many in all. */
  readonly count: number
  /** No older than this, milliseconds. */
  readonly maxAgeMs: number
}

/** One real server of one service family. */
export interface Backend {
  readonly host: string
  readonly address: string
  readonly weight: number
  readonly upperThreshold: number
  readonly lowerThreshold: number
  readonly forwarding: Forwarding
  readonly tunnel?: Tunnel
}

/** A definition under `services:`; IPVS gets one service a VIP and port, or with a firewall mark one a family. */
export interface VirtualService {
  readonly name: string
  readonly at: SourceRef
  readonly cluster: string
  readonly vips: readonly string[]
  readonly ports: readonly { readonly port: number; readonly protocol: Protocol }[]
  /** Packets to these VIPs and ports get this mark, and are balanced as one service. */
  readonly fwmark?: number
  readonly scheduler: Scheduler
  readonly flags: readonly SchedulerFlag[]
  readonly onePacket: boolean
  readonly persistence?: {
    readonly timeoutSeconds: number
    readonly prefix4: number
    readonly prefix6: number
    readonly engine?: "sip"
  }
  readonly forwarding: Forwarding
  readonly check?: HealthCheck
  readonly quorum: Quorum
  /** Takes the quorum's place where it is given. */
  readonly watermark?: Watermark
  /** New connections are refused while the service is lost; otherwise its last servers stay, or the sorry server serves. */
  readonly allDown?: "remove"
  readonly sorryServer?: { readonly address: string; readonly port: number }
  readonly inhibitOnFailure: boolean
  /** How a real server counts before the first answer to its check; undefined: as unknown. */
  readonly initial?: "up" | "down"
  /** How long a real server that comes up takes to reach its weight. */
  readonly slowStartMs?: number
  /** How long a removed real server may keep its connections before it is taken out all the same. */
  readonly drainTimeoutMs: number
  readonly keepalived?: KeepalivedService
  /** Canonical order; `port` of a destination is the service's unless nat remaps it. */
  readonly backends: readonly (Omit<Backend, "address"> & {
    readonly addresses: readonly string[]
    readonly port?: number
  })[]
}

/** VRRP settings of a cluster. */
export interface ClusterVrrp {
  readonly driver: "keepalived" | "native"
  readonly virtualRouterId: number
  readonly advertIntervalMs: number
  readonly preempt: boolean
  readonly unicast: boolean
  /** The address VRRP itself carries; service VIPs ride along (DESIGN 12.14). */
  readonly anchor: string
  readonly garpRefreshMs: number
  readonly keepalived?: KeepalivedVrrp
}

/** A director as a member of its cluster. */
export interface Director {
  readonly host: string
  readonly interface: string
  readonly priority: number
  /** Its address of the anchor's family: VRRP source and unicast peer. */
  readonly address: string
}

export interface Cluster {
  readonly name: string
  readonly at: SourceRef
  readonly directors: readonly Director[]
  /** Who programs IPVS and checks health: the agent, or keepalived. */
  readonly ipvs: IpvsDriver
  readonly vrrp: ClusterVrrp
  readonly connectionSync?: SyncTransport & { readonly interface: string; readonly id: number }
  /** Seconds; those the definition gives. */
  readonly timeouts: Partial<IpvsTimeouts>
  /** Switches below net.ipv4.vs that the definition gives: the kernel's names and values. */
  readonly ipvsSysctls: ReadonlyMap<string, string>
  readonly rollout: RolloutPolicy
  /** Who may set and lift overrides; undefined: whoever reaches the agents. */
  readonly access?: readonly AccessRule[]
}

/** The whole fleet: resolved, checked, immutable. */
export interface Fleet {
  readonly hosts: readonly Host[]
  readonly clusters: readonly Cluster[]
  readonly services: readonly VirtualService[]
  readonly releases: ReleasesKept
  readonly notifications?: Notifications
  /** Where agents serve their metrics besides their socket. */
  readonly metrics?: { readonly listen: { readonly address: string; readonly port: number } }
  readonly keepalived: KeepalivedGlobal
}

export type { HealthCheck, Persistence }

import { family, formatEndpoint } from "../core/address.ts"

/** Schedulers of Linux 6.1 (net/netfilter/ipvs/Kconfig). */
export const schedulers = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "fo",
  "ovf",
  "lblc",
  "lblcr",
  "dh",
  "sh",
  "mh",
  "sed",
  "nq",
  "twos",
] as const
export type Scheduler = (typeof schedulers)[number]

/** Scheduler flags in ipvsadm's words; which kernel bit each is, is the codec's affair (include/uapi/linux/ip_vs.h). */
export const schedulerFlags = ["sh-fallback", "sh-port", "mh-fallback", "mh-port"] as const
export type SchedulerFlag = (typeof schedulerFlags)[number]

export type Protocol = "tcp" | "udp" | "sctp"

/** Who writes a service into the kernel and checks its servers: lbctl's agent, or keepalived. */
export type IpvsDriver = "native" | "keepalived"

/** What lbctl configures: ipvsadm's -g, -m, -i. */
export type Forwarding = "dr" | "nat" | "tun"
/** What a kernel may hold besides (IP_VS_CONN_F_LOCALNODE, _BYPASS). */
export type KernelForwarding = Forwarding | "local" | "bypass"

/** Tunnel of a `tun` real server (IP_VS_CONN_F_TUNNEL_TYPE_*); `port` only with gue. */
export interface Tunnel {
  readonly type: "ipip" | "gue" | "gre"
  readonly port?: number
}

/** What identifies a service in the kernel. */
export type ServiceKey =
  | {
      readonly kind: "address"
      readonly protocol: Protocol
      readonly address: string
      readonly port: number
    }
  | { readonly kind: "fwmark"; readonly fwmark: number; readonly family: 4 | 6 }

export interface Persistence {
  readonly timeoutSeconds: number
  /** Clients of one such prefix stick together; 32 or 128 is one client. */
  readonly prefixLength: number
  readonly engine?: "sip"
}

/** Seconds an idle connection entry lives (ipvsadm --set); the kernel's defaults are 900, 120 and 300. */
export interface IpvsTimeouts {
  readonly tcp: number
  readonly tcpFin: number
  readonly udp: number
}

/** How connection synchronisation travels (ipvsadm --start-daemon); what is left out is the kernel's own choice. */
export interface SyncTransport {
  /** Multicast group, IPv4 or IPv6; the kernel's own is 224.0.0.81. */
  readonly group?: string
  /** UDP port; the kernel's own is 8848. */
  readonly port?: number
  /** The kernel's own is 1. */
  readonly ttl?: number
  /** Greatest message in bytes; the kernel's own follows from the interface's MTU. */
  readonly maxlen?: number
}

/** A connection synchronisation daemon; a kernel runs at most one of each role. */
export interface SyncDaemon extends SyncTransport {
  readonly role: "master" | "backup"
  readonly interface: string
  /** 0 to 255; a backup takes only messages of its own id, or of any when its id is 0. */
  readonly syncId: number
}

/** One real server of one service as the kernel holds it. */
export interface IpvsDestination {
  readonly address: string
  readonly port: number
  readonly forwarding: KernelForwarding
  readonly weight: number
  /** 0 is no limit (ipvsadm -x, -y). */
  readonly upperThreshold: number
  readonly lowerThreshold: number
  readonly tunnel?: Tunnel
}

/** One virtual service as the kernel holds it. */
export interface IpvsService {
  readonly key: ServiceKey
  readonly scheduler: string
  readonly flags: readonly SchedulerFlag[]
  readonly onePacket: boolean
  readonly persistence?: Persistence
  /** Canonical order: by address, then port (sh and mh depend on it). */
  readonly destinations: readonly IpvsDestination[]
}

/** A kernel's whole IPVS table. */
export type IpvsTable = readonly IpvsService[]

/** `tcp 192.0.2.10:80`, `fwmark 7 inet6`: a stable name of a service. */
export function serviceName(key: ServiceKey): string {
  return key.kind === "address"
    ? `${key.protocol} ${formatEndpoint(key.address, key.port)}`
    : `fwmark ${key.fwmark}${key.family === 6 ? " inet6" : ""}`
}

/** The address family of a service's packets. */
export function keyFamily(key: ServiceKey): 4 | 6 {
  return key.kind === "fwmark" ? key.family : (family(key.address) ?? 4)
}

/** `10.0.0.21:80`: what identifies a destination within its service. */
export function destinationName(destination: {
  readonly address: string
  readonly port: number
}): string {
  return formatEndpoint(destination.address, destination.port)
}

/**
 * Private firewall-mark services through which checks reach a real server by the VIP (DESIGN 7, 12.11):
 * the first such mark. Marks from here to the end of the range are the agent's, and no definition may have one of them.
 */
export const checkMarkBase = 0x6c620000
export const checkMarkCount = 0x10000

/** Whether a service is one of the agent's private check services. */
export function isCheckService(key: ServiceKey): boolean {
  return key.kind === "fwmark" && isCheckMark(key.fwmark)
}

/** Whether a mark is in the range of the private check services. */
export function isCheckMark(fwmark: number): boolean {
  return fwmark >= checkMarkBase && fwmark < checkMarkBase + checkMarkCount
}

/** One operation on the kernel's table. A step that finds its work done (EEXIST, ESRCH, ENOENT) counts as done. */
export type IpvsStep =
  | {
      readonly op: "add-service" | "edit-service"
      readonly service: Omit<IpvsService, "destinations">
    }
  | { readonly op: "remove-service"; readonly key: ServiceKey }
  | {
      readonly op: "add-server" | "edit-server"
      readonly key: ServiceKey
      readonly destination: IpvsDestination
    }
  | {
      readonly op: "remove-server"
      readonly key: ServiceKey
      readonly destination: IpvsDestination
    }

import type { FilterChain } from "./packet-filter.ts"

/** How bad a finding is: `error` costs traffic now or at the next event, `warning` may, `info` is worth knowing. */
export const severities = ["error", "warning", "info"] as const
export type Severity = (typeof severities)[number]

/** What the doctor found on a host. */
export interface Finding {
  /** Of the check that found it; docs/doctor.md has them all. */
  readonly id: string
  readonly severity: Severity
  readonly host: string
  readonly message: string
  /** Why it matters, in one sentence. */
  readonly why: string
  /** What to do, as a command where there is one. */
  readonly cure: string
}

/** The way from a host to an address (`ip route get`), or its default route. */
export interface IpRoute {
  /** Undefined: on the same link. */
  readonly via?: string
  readonly device: string
  /** The address that the host sends from, where it was told. */
  readonly source?: string
  /** Bytes of the largest packet, where the route says less than its device. */
  readonly mtu?: number
  /** Bytes of the largest segment that the host asks TCP peers for, where the route says so. */
  readonly advmss?: number
}

/** An advert of somebody else's, as a director heard it. */
export interface OtherAdvert {
  readonly source: string
  readonly virtualRouterId: number
  readonly priority: number
}

/** What one director hears on an interface of its VRRP. */
export interface Segment {
  readonly host: string
  readonly interface: string
  /** Who else answers ARP or neighbour discovery for each VIP: MACs in lower case. */
  readonly answers: readonly { readonly address: string; readonly macs: readonly string[] }[]
  readonly adverts: readonly OtherAdvert[]
}

/** What is at a path. */
export interface ExaminedPath {
  readonly kind: "file" | "folder" | "link" | "other"
  /** Permission bits (inode(7)), without the kind. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** keepalived as it runs on a host, by systemd and proc(5). */
export interface ExaminedKeepalived {
  /** The process that systemd started: the parent. */
  readonly mainPid: number
  /** Its children and their states (S, T, Z ...); undefined where the kernel does not tell them. */
  readonly children?: readonly { readonly pid: number; readonly state: string }[]
  /** The first pid file of the parent's that there is. */
  readonly pidFile?: { readonly path: string; readonly pid: number }
  /** When it last took in its configuration, and when that was written: `2026-11-22 09:53:58`, UTC by the host's clock. */
  readonly loadedAt?: string
  readonly writtenAt?: string
}

/** What a host told the doctor besides what it tells `lbctl plan`. */
export interface Examination {
  readonly host: string
  /** Its clock against the controller's, milliseconds; right to a second. */
  readonly clockMs: number
  /** Values by their path below /proc/sys, such as `net/ipv4/conf/eth0.5/arp_ignore`. */
  readonly switches: ReadonlyMap<string, string>
  /** What sysctl.d sets at a boot, in its order; the key as it is written there. */
  readonly kept: readonly {
    readonly file: string
    readonly key: string
    readonly value: string
  }[]
  readonly bootModules: ReadonlySet<string>
  readonly modules: ReadonlyMap<string, "builtin" | "loaded" | "loadable" | "missing">
  readonly flagged: readonly {
    readonly device: string
    readonly address: string
    readonly flag: string
  }[]
  readonly defaultRoutes: readonly (IpRoute & { readonly family: 4 | 6 })[]
  /** By the address that was asked for; addresses of the host itself and those without a way are missing. */
  readonly routes: ReadonlyMap<string, IpRoute>
  /** What the host takes for the MAC, in lower case, of those addresses that were asked for and that it knows. */
  readonly neighbours: readonly {
    readonly address: string
    readonly device: string
    readonly mac: string
  }[]
  /** All chains of its packet filters; undefined where they could not be read in full. */
  readonly filter?: readonly FilterChain[]
  /** Files that set up addresses or services, and which of the addresses that were asked for each names. */
  readonly naming: readonly { readonly address: string; readonly file: string }[]
  /** Where it was asked for and runs. */
  readonly keepalived?: ExaminedKeepalived
  /** Of the interfaces that were asked for, or the NICs below them (of a VLAN, a bond); none where the host has no ethtool(8). */
  readonly offload: readonly {
    readonly interface: string
    readonly device: string
    readonly largeReceive: boolean
  }[]
  /** Rows of the kernel's IPVS connection table; undefined without ip_vs. */
  readonly connectionRows?: number
  /** What kind of container the host is: `lxc`, `docker`; undefined on a machine with a kernel of its own. */
  readonly container?: string
  /**
   * Of each program that was asked for: its path without symbolic links to folders, and behind it, where the program itself is one,
   * what it leads to. None where its folder is missing.
   */
  readonly programs: ReadonlyMap<string, readonly string[]>
  /** What there is at those paths, and all folders above them. */
  readonly paths: ReadonlyMap<string, ExaminedPath>
  readonly units: ReadonlyMap<string, { readonly enabled: boolean; readonly running: boolean }>
}

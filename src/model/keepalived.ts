/** A block of keepalived.conf(5): its head without the brace, and the lines in it. */
export interface KeepalivedBlock {
  readonly head: string
  readonly lines: readonly string[]
}

/** What keepalived has for itself besides its instances. */
export interface KeepalivedGlobal {
  /** Lines of global_defs besides lbctl's own. */
  readonly globalDefs: readonly string[]
  /** Lines of static_ipaddress by director. */
  readonly addresses: ReadonlyMap<string, readonly string[]>
  /** Lines of static_routes and static_rules, of every director. */
  readonly routes: readonly string[]
  readonly rules: readonly string[]
  readonly syncGroups: readonly SyncGroup[]
}

/** Clusters whose directors are MASTER of all of them or of none (keepalived.conf(5), vrrp_sync_group). */
export interface SyncGroup {
  readonly name: string
  readonly clusters: readonly string[]
  /** Its own words besides its members. */
  readonly lines: readonly string[]
}

/** What an instance has whose cluster says nothing of it. */
export const defaultVersion = 3
export const defaultGarpDelayMs = 1000

/** What only keepalived can do for a VRRP instance, in the lines of its configuration. */
export interface KeepalivedVrrp {
  readonly version: 2 | 3
  /** When after a takeover the second round of gratuitous ARP comes; 0: none. */
  readonly garpMasterDelayMs: number
  /** Blocks that the instance refers to and that stand before it. */
  readonly definitions: readonly KeepalivedBlock[]
  readonly lines: readonly string[]
  readonly blocks: readonly KeepalivedBlock[]
  /** keepalived runs programs for it. */
  readonly scripts: boolean
}

/** What keepalived runs when a service that it programs changes: command lines, which lbctl gives the names of what changed. */
export interface KeepalivedService {
  readonly quorumUp?: string
  readonly quorumDown?: string
  readonly notifyUp?: string
  readonly notifyDown?: string
  /** When it stops, too. */
  readonly omega?: true
}

import type { DirectorState } from "./desired.ts"
import type { IpvsTable } from "./ipvs.ts"

/** An operator's runtime override: kept over restarts and applies until lifted or expired. */
export interface Override {
  /** `drain` keeps connections and takes no new ones: weight 0. */
  readonly action: "drain"
  readonly host: string
  /** Name under `services:`; undefined: all services of the host. */
  readonly service?: string
  readonly by: string
  /** ISO 8601. */
  readonly since: string
  readonly reason?: string
  readonly expires?: string
}

export type HealthState = "unknown" | "up" | "down"

/** Health of one real server of one kernel service. */
export interface ServerHealth {
  /** serviceName(key). */
  readonly service: string
  /** destinationName. */
  readonly server: string
  readonly state: HealthState
  /** The last outcome in words: `HTTP 200`, `connection refused`. */
  readonly message: string
  readonly since: string
  /** When a server that is down ceased to be up, in milliseconds since 1970; missing when it never was. */
  readonly lastUpMs?: number
}

/** Kernel counters of one destination. */
export interface ServerCounters {
  readonly service: string
  readonly server: string
  readonly active: number
  readonly inactive: number
  readonly connections: number
}

export type VrrpState = "MASTER" | "BACKUP" | "FAULT" | "STOPPED"

/** A real server that left the definition and may keep its connections until it is idle or late. */
export interface Draining {
  readonly service: string
  readonly server: string
  /** ISO 8601: taken out then at the latest. */
  readonly until: string
}

/** What `lbagent observe` prints: the kernel's table, and what the running agent knows. */
export interface AgentStatus {
  readonly version: string
  /** The daemon answered; without it health, overrides and draining come from disk or are empty. */
  readonly running: boolean
  readonly table: IpvsTable
  readonly counters: readonly ServerCounters[]
  /** Services lbctl made or adopted: serviceName. */
  readonly owned: readonly string[]
  readonly health: readonly ServerHealth[]
  readonly overrides: readonly Override[]
  readonly draining: readonly Draining[]
  readonly vrrp: readonly {
    readonly instance: string
    readonly state: VrrpState
    readonly since?: string
    readonly demoted: boolean
  }[]
  readonly warnings: readonly string[]
  /** Desired state the daemon works by; undefined when none was ever loaded. */
  readonly desired?: DirectorState
}

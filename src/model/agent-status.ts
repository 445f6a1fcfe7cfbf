import type { DirectorState } from "./desired.ts"
import type { IpvsTable, IpvsTimeouts } from "./ipvs.ts"
import type { HeldMarks } from "./mark-rules.ts"
import type { Override } from "./override.ts"
import type { StateChange } from "./state-change.ts"
import type { Traffic } from "./traffic.ts"

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
  /** The weight that its check asked for, by exit code. */
  readonly toldWeight?: number
  /** It came up or was resumed a short while ago and takes this weight until its own is reached; `until` is ISO 8601. */
  readonly slowStart?: { readonly weight: number; readonly until: string }
  /** Changes of its state since the agent's engine started. Absent: an older agent. */
  readonly transitions?: number
}

/** A VLAN interface of a director. */
export interface Vlan {
  /** 1 to 4094 (IEEE 802.1Q). */
  readonly id: number
  readonly device: string
  /** The device its frames go through. */
  readonly parent: string
}

/** One process of the agent. */
export interface AgentProcess {
  readonly name: string
  readonly pid: number
  /** ISO 8601. */
  readonly since: string
  /** Since the watchdog started. */
  readonly restarts: number
  /** How the last one ended: `SIGKILL`, `exit 1`. */
  readonly lastEnd?: string
}

/** Kernel counters of one destination. */
export interface ServerCounters {
  readonly service: string
  readonly server: string
  readonly active: number
  readonly inactive: number
  /** Since it was added or zeroed. */
  readonly connections: number
  /** Clients that stick to it. Absent, as all that follows: an older agent. */
  readonly persistent?: number
  /** Since it was added or zeroed. */
  readonly traffic?: Traffic
  /** Per second. */
  readonly rates?: Traffic
}

/** Kernel counters of one service, those of real servers that left it included. */
export interface ServiceCounters {
  /** serviceName(key). */
  readonly service: string
  /** Since it was added or zeroed. */
  readonly traffic: Traffic
  /** Per second. */
  readonly rates: Traffic
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
  /** Absent, as every optional list here: an older agent, which can't tell. */
  readonly services?: readonly ServiceCounters[]
  /** The kernel's timeouts; undefined when it was read without an agent. */
  readonly timeouts?: IpvsTimeouts
  /** Marking rules in the kernel; undefined: lbctl never made any here. */
  readonly marks?: HeldMarks
  /** Services lbctl made or adopted: serviceName. */
  readonly owned: readonly string[]
  readonly health: readonly ServerHealth[]
  /** In force. */
  readonly overrides: readonly Override[]
  /** Lifted or expired: what another director may not know yet. Absent: none. */
  readonly pastOverrides?: readonly Override[]
  readonly draining: readonly Draining[]
  readonly vrrp: readonly {
    readonly instance: string
    readonly state: VrrpState
    readonly since?: string
    readonly demoted: boolean
    /** The one it goes by now: as an operator gave it, or as a handover lowered it; 0 in FAULT for a handover. */
    readonly priority?: number
    /** Changes of its state since the agent's engine started. */
    readonly transitions?: number
  }[]
  readonly quorum?: readonly {
    /** serviceName. */
    readonly service: string
    readonly state: "up" | "down"
    /** ISO 8601; absent: since before the agent's engine started. */
    readonly since?: string
    readonly transitions?: number
  }[]
  /** The last changes of state, oldest first. */
  readonly changes?: readonly StateChange[]
  readonly processes?: readonly AgentProcess[]
  readonly vlans?: readonly Vlan[]
  /** When the definition was last loaded, and whether the kernel took it. */
  readonly loaded?: { readonly at: string; readonly ok: boolean }
  readonly warnings: readonly string[]
  /** Desired state the daemon works by; undefined when none was ever loaded. */
  readonly desired?: DirectorState
}

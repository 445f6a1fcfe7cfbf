import type { AgentProcess, HealthState, VrrpState } from "../model/agent-status.ts"
import type { RouterOrder } from "./decide/router-order.ts"
import type { Lateness } from "./decide/lateness.ts"
import type { CheckTarget, KnownHealth } from "./decide/targets.ts"

/** The children of the watchdog; `vrrp` runs where the agent speaks VRRP itself. */
export const roles = ["engine", "health", "vrrp"] as const
export type Role = (typeof roles)[number]

/** What the health process found out about one server. */
export interface HealthReport {
  /** `serverKey`. */
  readonly key: string
  readonly state: HealthState
  readonly message: string
  readonly sinceMs: number
  /** When a server that is down ceased to be up, or to be trusted; undefined when it never was. */
  readonly lastUpMs?: number
  /** When a server that is up came up; undefined when it was in before anybody asked. */
  readonly joinedMs?: number
  /** The weight that its check asks for. */
  readonly weight?: number
}

/** The state of one virtual router that the VRRP process speaks for. */
export interface RouterReport {
  readonly instance: string
  readonly state: VrrpState
  readonly sinceMs: number
}

/** A target, and what the engine knows of it. */
export interface TargetMessage {
  readonly target: CheckTarget
  readonly known: KnownHealth
}

/** What the processes say to each other over Node's IPC; the watchdog passes on what is meant for the other child. */
export type Message =
  /** Watchdog to child and back: are you there? */
  | { readonly type: "hello"; readonly round: number }
  /** Engine to watchdog: the kernel holds the wanted table, or the engine said why not. */
  | { readonly type: "ready"; readonly status: string }
  /** Engine to health: ask these servers and no others. */
  | { readonly type: "targets"; readonly targets: readonly TargetMessage[] }
  /** Health to engine: these changed; after `targets`, all that is known. */
  | { readonly type: "health"; readonly reports: readonly HealthReport[] }
  /** Health to engine, every ten seconds: how late checks began. */
  | { readonly type: "lateness"; readonly lateness: Lateness }
  /** Watchdog to engine: the health process is new and knows nothing. */
  | { readonly type: "health-started" }
  /** Watchdog to engine: its children, whenever one was started. */
  | { readonly type: "processes"; readonly processes: readonly AgentProcess[] }
  /** Engine to VRRP process: speak for these instances and no others. */
  | { readonly type: "routers"; readonly orders: readonly RouterOrder[] }
  /** VRRP process to engine: how all of them are. */
  | {
      readonly type: "router-states"
      readonly reports: readonly RouterReport[]
      readonly warnings: readonly string[]
    }
  /** Watchdog to engine: the VRRP process is new, and has yet to say how its instances are. */
  | { readonly type: "vrrp-started" }

const types = [
  "hello",
  "ready",
  "targets",
  "health",
  "health-started",
  "processes",
  "lateness",
  "routers",
  "router-states",
  "vrrp-started",
]

/** Whether a value from the IPC channel is one of our messages: both ends are the same program. */
export function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    types.some((type) => type === value.type)
  )
}

/** Sends to the watchdog; silent when it is gone, since then this process is about to end. */
export function tellParent(message: Message): void {
  process.send?.(message, undefined, undefined, () => undefined)
}

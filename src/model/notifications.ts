import type { StateChange } from "./state-change.ts"

/** Whom the agents tell of changes of state, and how often. */
export interface Notifications {
  readonly on: readonly StateChange["kind"][]
  /** Between two notifications of one channel. */
  readonly minIntervalMs: number
  /** A program and its arguments. */
  readonly command?: readonly string[]
  /** An http or https URL. */
  readonly webhook?: string
  readonly mail?: MailRoute
}

/** How mail leaves a director. */
export interface MailRoute {
  readonly from: string
  readonly to: readonly string[]
  readonly server: { readonly host: string; readonly port: number }
}

/** What one notification tells. */
export interface Notification {
  /** Of the director. */
  readonly host: string
  /** Oldest first. */
  readonly changes: readonly StateChange[]
  /** Older changes that were held back and are no longer known. */
  readonly omitted: number
}

export const changeKinds = [
  "server",
  "quorum",
  "vrrp",
  "process",
] as const satisfies readonly StateChange["kind"][]

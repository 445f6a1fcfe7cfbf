import type { HealthState } from "../../model/agent-status.ts"
import type { HealthCheck } from "../../model/fleet.ts"

/** The answer to one question: whether the server is well, and its words. */
export interface Outcome {
  readonly ok: boolean
  readonly message: string
  /** What the server's weight shall be, where the answer says so. */
  readonly weight?: number
}

/** What is remembered of one real server between checks; times in milliseconds since 1970. */
export interface HealthMemory {
  readonly state: HealthState
  readonly message: string
  readonly sinceMs: number
  /** When a server that is down ceased to be up, or to be trusted; undefined when it never was. */
  readonly lastUpMs: number | undefined
  /** When a server that is up came up; undefined when it was in before anybody asked. */
  readonly joinedMs: number | undefined
  /** Outcomes in a row against the present state. */
  readonly against: number
  /** Checks without a first success; counts while it was never up. */
  readonly newcomer: number | undefined
  /** The kernel held it before anybody asked: one failure is not enough to call it down. */
  readonly trusted: boolean
  /** The weight that the last good answer asked for; undefined when it asked for none. */
  readonly weight: number | undefined
}

/** How often a server that was never up is asked at the pace of a retry: it is on its way up. */
const newcomerChecks = 60

/** A server nobody has asked yet; `pooled` when the kernel sends it traffic already: then it stays, whatever `initial` says. */
export function unaskedServer(
  pooled: boolean,
  nowMs: number,
  initial?: "up" | "down",
): HealthMemory {
  const trusted = pooled || initial === "up"
  return {
    state: initial === "down" && !pooled ? "down" : "unknown",
    message: "not checked yet",
    sinceMs: nowMs,
    lastUpMs: undefined,
    joinedMs: undefined,
    against: 0,
    newcomer: 0,
    trusted,
    weight: undefined,
  }
}

/** What a server may have besides a state. */
export interface Remembered {
  readonly lastUpMs?: number
  readonly joinedMs?: number
  readonly weight?: number
}

/** A server whose state is known from a former process. */
export function rememberedServer(
  state: "up" | "down",
  message: string,
  sinceMs: number,
  { lastUpMs, joinedMs, weight }: Remembered = {},
): HealthMemory {
  const history = { state, message, sinceMs, lastUpMs, joinedMs, weight }
  return { ...history, against: 0, newcomer: undefined, trusted: true }
}

/**
 * The memory after an outcome. A server that is up, or that the kernel trusts, goes down after 1 + retries failures in
 * a row; one that is down comes up after `rise` successes in a row, one never seen after the first.
 */
export function stepHealth(
  before: HealthMemory,
  outcome: Outcome,
  check: Pick<HealthCheck, "retries" | "rise">,
  nowMs: number,
): HealthMemory {
  const state = outcome.ok ? "up" : "down"
  const newcomer = outcome.ok || before.newcomer === undefined ? undefined : before.newcomer + 1
  const weight = outcome.ok ? outcome.weight : before.weight
  const same = { ...before, message: outcome.message, newcomer, weight }
  if (before.state === state) return { ...same, against: 0 }
  const against = before.state === "unknown" && outcome.ok ? 1 : before.against + 1
  if (against < needed(before, state, check)) return { ...same, against }
  const served = before.state === "up" || (before.state === "unknown" && before.trusted)
  const when = served ? { lastUpMs: nowMs } : { joinedMs: nowMs }
  const gone = { lastUpMs: undefined, joinedMs: undefined }
  const history = served === (state === "down") ? { ...gone, ...when } : gone
  return { ...same, state, sinceMs: nowMs, ...history, against: 0 }
}

/** How long to wait before the next question. */
export function nextCheckMs(
  memory: HealthMemory,
  check: Pick<HealthCheck, "intervalMs" | "delayBeforeRetryMs">,
): number {
  const soon = Math.min(check.delayBeforeRetryMs, check.intervalMs)
  if (memory.against > 0) return soon
  if (memory.newcomer !== undefined && memory.newcomer < newcomerChecks) return soon
  return check.intervalMs
}

function needed(
  before: HealthMemory,
  state: "up" | "down",
  check: Pick<HealthCheck, "retries" | "rise">,
): number {
  if (before.state === "unknown" && (state === "up" || !before.trusted)) return 1
  return state === "down" ? 1 + check.retries : check.rise
}

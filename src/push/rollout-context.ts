import type { Bundle } from "../model/bundle.ts"
import type { Observed } from "../model/observed.ts"
import type { Change, HostPlan, Operation, Plan } from "../model/plan.ts"
import type { Who } from "../wire/stage.ts"
import type { Node } from "./node.ts"
import type { AgentPayload, Runtime } from "./payload.ts"

/** What a rollout works with. */
export interface RolloutInput {
  readonly plan: Plan
  /** Of every host in the plan, and of the directors it names. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** What the plan was made from: the real servers' MACs are in it. */
  readonly observed: ReadonlyMap<string, Observed>
  readonly node: (host: string) => Node
  /** Changes that this step of the plan still would make on what the host holds now. */
  readonly remaining: (planned: HostPlan, observed: Observed) => readonly Change[]
  /** Text of the node script. */
  readonly script: string
  readonly who: Who
  /** Needed when the plan installs agents. */
  readonly agent?: AgentPayload
  /** Needed when the plan installs runtimes. */
  readonly runtime?: Runtime
  /** The network device by which a director is on its real servers' segment. */
  readonly segments: ReadonlyMap<string, string>
  /** A new transaction's name (wire/commands.ts isTransactionId). */
  readonly transaction: () => string
}

/** How a rollout is done. */
export interface RolloutOptions {
  /** Hosts at once. */
  readonly parallel: number
  /** Seconds between the end of an activation and its revert, unless confirmed. */
  readonly confirmSeconds: number
  /** How long directors may take to let go of real servers, milliseconds. */
  readonly drainTimeoutMs: number
  /** For one host from activation to verification, milliseconds, without what its operations may wait for. */
  readonly hostTimeoutMs: number
  /** Fires to start no further host; those in flight are finished or reverted. */
  readonly stop?: AbortSignal
  /** Fires to leave at once: hosts in flight revert by themselves. */
  readonly abort?: AbortSignal
}

/** What `rollout` uses where the caller says nothing else. */
export const rolloutDefaults: RolloutOptions = {
  parallel: 32,
  confirmSeconds: 30,
  drainTimeoutMs: 330_000,
  hostTimeoutMs: 300_000,
}

/** A step of the plan under the name of its transaction. */
export interface Turn {
  readonly planned: HostPlan
  readonly transaction: string
}

/** Seconds from the start of an activation to its revert: time for its operations, and then to confirm. */
export function revertSeconds(planned: HostPlan, confirmSeconds: number): number {
  const waits = planned.operations.map(secondsOf)
  return confirmSeconds + waits.reduce((sum, seconds) => sum + seconds, 0)
}

/** Programs and units may take a while; the rest is done in no time. */
function secondsOf(operation: Operation): number {
  if (operation.op === "await") return operation.timeoutSeconds
  return operation.op === "run" || operation.op.startsWith("unit-") ? 5 : 0
}

import type { Bundle } from "../model/bundle.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import type { Outcome } from "../model/event.ts"
import type { ReleasesKept } from "../model/fleet.ts"
import type { Observed } from "../model/observed.ts"
import type { Change, HostPlan, Operation, Plan } from "../model/plan.ts"
import type { Wave } from "../model/wave.ts"
import type { Who } from "../wire/who.ts"
import type { Node, Tell } from "./node.ts"
import type { AgentPayload, Runtime } from "./payload.ts"

/** The user's own programs around each step of a host; none where left out. */
export interface HostHooks {
  /** @throws Failure when the host must not change. */
  readonly before?: (planned: HostPlan, tell: Tell, signal: AbortSignal) => Promise<void>
  /** Its failure changes nothing any more. */
  readonly after?: (planned: HostPlan, end: End, tell: Tell, signal: AbortSignal) => Promise<void>
}

/** How a host's step ended. */
export interface End {
  readonly outcome: Outcome
  readonly detail?: string
}

/** What a rollout works with. */
export interface RolloutInput {
  readonly plan: Plan
  /** The order of the plan's steps. */
  readonly waves: readonly Wave[]
  /** Of every host in the plan, and of the directors it names. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** What the plan was made from: the real servers' MACs are in it. */
  readonly observed: ReadonlyMap<string, Observed>
  readonly node: (host: string) => Node
  /** Changes that this step of the plan still would make on what the host holds now. */
  readonly remaining: (planned: HostPlan, observed: Observed) => readonly Change[]
  /** Instances that a director hands over before it changes as a master. */
  readonly handovers: ReadonlyMap<string, readonly DesiredVrrp[]>
  readonly hooks: HostHooks
  /** What speaks against a canary while it is watched. */
  readonly doubts: (planned: HostPlan) => Promise<readonly string[]>
  /** Text of the node script. */
  readonly script: string
  readonly who: Who
  /** Which past releases hosts keep. */
  readonly keep: ReleasesKept
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
  /** It is a canary, watched for so long before it is confirmed; milliseconds. */
  readonly soakMs?: number
}

/** The last looks at a canary may take so long, seconds: each an election, and a question on the segment. */
const lookSeconds = 40

/** Seconds from the start of an activation to its revert: time for its operations, to watch a canary, and then to confirm. */
export function revertSeconds({ planned, soakMs }: Turn, confirmSeconds: number): number {
  const waits = planned.operations.map(secondsOf)
  const watch = soakMs === undefined ? 0 : Math.ceil(soakMs / 1000) + lookSeconds
  return confirmSeconds + watch + waits.reduce((sum, seconds) => sum + seconds, 0)
}

/** Programs and units may take a while; the rest is done in no time. */
function secondsOf(operation: Operation): number {
  if (operation.op === "await") return operation.timeoutSeconds
  return operation.op === "run" || operation.op.startsWith("unit-") ? 5 : 0
}

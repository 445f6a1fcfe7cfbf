import type { Examination } from "../model/doctor.ts"
import type { Release } from "../model/release.ts"
import type { Observed } from "../model/observed.ts"
import type { Operation } from "../model/plan.ts"
import type { DoctorRequest } from "../wire/doctor.ts"
import type { ObserveRequest } from "../wire/observe-request.ts"
import type { NodePast } from "../wire/history.ts"
import type { LockCall, LockReply } from "../wire/lock.ts"
import type { Stage } from "../wire/stage.ts"
import type { AgentPayload, Runtime } from "./payload.ts"
import type { ExecResult } from "./transport.ts"

/** Takes words on progress for the operator. */
export type Tell = (detail: string) => void

/** An activation that waits to be confirmed; its host reverts when nobody does. */
export interface Activation {
  /** Lets go of the host: after the confirmation, or to leave it to its revert timer. */
  release(): void
}

/** How a stage is carried out. */
export interface ActivateOptions {
  /** Until the host reverts by itself. */
  readonly seconds: number
  /** What was staged, for words on the one that fails. */
  readonly operations: readonly Operation[]
  readonly tell: Tell
}

/** The conversation with one node in its own words (docs/node-protocol.md). Everything rejects with a Failure. */
export interface Node {
  readonly host: string
  observe(request: ObserveRequest): Promise<Observed>
  /** Looks at what the doctor asks besides. */
  examine(request: DoctorRequest): Promise<Examination>
  /** Brings an agent release; one that is there is left alone. */
  installAgent(agent: AgentPayload): Promise<void>
  /** Brings Node for the agent. */
  installRuntime(
    runtime: Runtime,
    facts: Readonly<Record<string, string>>,
    tell: Tell,
  ): Promise<void>
  /** Sends a release and has it checked; nothing live is touched. Failure `failed` when the host refuses it. */
  stage(transaction: string, stage: Stage): Promise<void>
  /** Removes a stage that was not activated. */
  discard(transaction: string): Promise<void>
  /**
   * Carries a stage out; resolves once the host shows the release. It reverts by itself `seconds` after it began, unless
   * confirmed. Failure `locked` or `stale` (nothing touched), `reverted`, or `failed` (could not even revert).
   */
  activate(transaction: string, options: ActivateOptions): Promise<Activation>
  /**
   * Makes the release the host's own, over a new connection, which the node keeps using from then on.
   * `gone`: it is no longer the open one, and was not confirmed before.
   */
  confirm(transaction: string): Promise<"confirmed" | "gone">
  /** Takes the release back; `confirmed` when it was too late for that. */
  revert(transaction: string): Promise<"reverted" | "confirmed">
  /**
   * Ends an activation whose controller went away: takes it back, or finishes it when it was confirmed already.
   * Failure `locked` while its controller is connected.
   */
  settle(): Promise<"reverted" | "confirmed" | "nothing">
  /** Asks something of its lock; a refusal is an answer. */
  lock(call: LockCall): Promise<LockReply>
  /** What it remembers: releases, and the last `lines` lines of its history. */
  past(lines: number): Promise<NodePast>
  /** A release that it keeps. Failure `failed` when it does not. */
  release(id: string): Promise<Release>
  /** Runs the agent's command with these words; any exit code is a result. */
  agent(agent: string, words: readonly string[], timeoutMs: number): Promise<ExecResult>
  close(): void
}

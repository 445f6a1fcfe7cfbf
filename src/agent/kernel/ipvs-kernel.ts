import type { ServerCounters, ServiceCounters } from "../../model/agent-status.ts"
import type { IpvsStep, IpvsTable, IpvsTimeouts, SyncDaemon } from "../../model/ipvs.ts"
import type { SyncRole } from "../protocol/ipvs-daemon.ts"

export type { SyncRole }

/** One reading of the kernel: its table, and the counters of its services and destinations. */
export interface IpvsSnapshot {
  readonly table: IpvsTable
  readonly counters: readonly ServerCounters[]
  readonly services: readonly ServiceCounters[]
}

/** A step the kernel refused, and why in words (`EINVAL: invalid argument`). */
export interface StepFailure {
  readonly step: IpvsStep
  readonly error: string
}

/** The IPVS of the network namespace in which it was opened. All calls are synchronous; all throw Failure when the kernel does not answer. */
export interface IpvsKernel {
  /** Destinations in canonical order. */
  dump(): IpvsSnapshot
  /** Carries the steps out in order and goes on after a refusal; returns the refused ones only. */
  apply(steps: readonly IpvsStep[]): readonly StepFailure[]
  timeouts(): IpvsTimeouts
  /** A field left out stays as it is. */
  setTimeouts(timeouts: Partial<IpvsTimeouts>): void
  daemons(): readonly SyncDaemon[]
  /** Starts a daemon; one of the same role is stopped first, for the kernel changes none that runs. */
  startDaemon(daemon: SyncDaemon): void
  /** Stops the daemon of that role; nothing when none runs. */
  stopDaemon(role: SyncRole): void
  close(): void
}

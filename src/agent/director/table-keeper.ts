import { toFailure } from "../../core/failure.ts"
import type { IpvsStep, IpvsTable } from "../../model/ipvs.ts"
import { destinationName, isCheckService, serviceName } from "../../model/ipvs.ts"
import { tableSteps } from "../../plan/ipvs-steps.ts"
import type { IpvsKernel, IpvsSnapshot, StepFailure } from "../kernel/ipvs-kernel.ts"

/** A failed write is tried again after this long, then after twice as long, up to the greatest pause. */
const firstPauseMs = 1000
const greatestPauseMs = 30_000

/**
 * Keeps the kernel's table as wanted, writing differences only. Between two settlements it writes what the wish
 * changed, not what somebody else changed in the kernel: that shall stay visible until the next settlement.
 */
export class TableKeeper {
  readonly #kernel: IpvsKernel
  #wanted: IpvsTable = []
  /** Services with a step the kernel refused, and its words. */
  #failing = new Map<string, string>()
  #pauseMs = firstPauseMs
  #retryAtMs = 0

  constructor(kernel: IpvsKernel) {
    this.#kernel = kernel
  }

  /** The kernel's table and counters. Throws Failure when it does not answer. */
  read(): IpvsSnapshot {
    return this.#kernel.dump()
  }

  /** What was wanted last. */
  get wanted(): IpvsTable {
    return this.#wanted
  }

  /** Why some services are not as wanted, one line each. */
  get warnings(): readonly string[] {
    return [...this.#failing].map(([service, error]) => `${service}: ${error}`)
  }

  /** Makes `actual`, as just read, the wanted table and reads it back; returns what the kernel still holds otherwise. */
  settle(
    wanted: IpvsTable,
    actual: IpvsTable,
    owned: ReadonlySet<string>,
    nowMs: number,
  ): readonly string[] {
    this.#wanted = wanted
    this.#failing.clear()
    this.#pauseMs = firstPauseMs
    const steps = tableSteps(wanted, actual, owned)
    if (steps.length === 0) return []
    const failures = this.#kernel.apply(steps)
    const left = tableSteps(wanted, this.#kernel.dump().table, owned)
    this.#note(
      left.map((step) => ({ step, error: refusal(step, failures) })),
      nowMs,
    )
    return this.warnings
  }

  /** Writes the difference between the last wish and this one; what does not get through is tried again later. */
  shift(wanted: IpvsTable, owned: ReadonlySet<string>, nowMs: number): void {
    // What is the same object in both takes no comparing: most of a large table.
    const steps = tableSteps(without(wanted, this.#wanted), without(this.#wanted, wanted), owned)
    this.#wanted = wanted
    if (steps.length === 0) return
    try {
      this.#note(this.#kernel.apply(steps), nowMs)
    } catch (thrown) {
      const error = toFailure(thrown).message
      this.#note(
        steps.map((step) => ({ step, error })),
        nowMs,
      )
    }
  }

  /** Tries again what the kernel refused, once its pause is over: only services with a refused step are touched. */
  retry(owned: ReadonlySet<string>, nowMs: number): void {
    if (this.#failing.size === 0 || nowMs < this.#retryAtMs) return
    const concerned = (table: IpvsTable): IpvsTable =>
      table.filter((service) => this.#failing.has(serviceName(service.key)))
    const steps = tableSteps(concerned(this.#wanted), concerned(this.#kernel.dump().table), owned)
    this.#failing.clear()
    this.#pauseMs = Math.min(this.#pauseMs * 2, greatestPauseMs)
    this.#retryAtMs = nowMs + this.#pauseMs
    this.#note(this.#kernel.apply(steps), nowMs)
    if (this.#failing.size === 0) this.#pauseMs = firstPauseMs
  }

  /** Puts private check services back that somebody took away: without them every check through a VIP lies. */
  mendChecks(): number {
    const checks = (table: IpvsTable): IpvsTable =>
      table.filter((service) => isCheckService(service.key))
    const steps = tableSteps(checks(this.#wanted), checks(this.#kernel.dump().table), new Set())
    this.#kernel.apply(steps)
    return steps.length
  }

  #note(failures: readonly StepFailure[], nowMs: number): void {
    if (failures.length === 0) return
    this.#retryAtMs = nowMs + this.#pauseMs
    // Of one service the first counts: what follows mostly follows from it.
    for (const { step, error } of failures.toReversed())
      this.#failing.set(nameOf(step), `${words(step)}: ${error}`)
  }
}

function without(table: IpvsTable, other: IpvsTable): IpvsTable {
  const known = new Set(other)
  return table.filter((service) => !known.has(service))
}

function nameOf(step: IpvsStep): string {
  return serviceName("service" in step ? step.service.key : step.key)
}

function words(step: IpvsStep): string {
  const server = "destination" in step ? ` ${destinationName(step.destination)}` : ""
  return `${step.op.replace("-", " ")}${server}`
}

function refusal(step: IpvsStep, failures: readonly StepFailure[]): string {
  const found = failures.find(
    (failure) => words(failure.step) === words(step) && nameOf(failure.step) === nameOf(step),
  )
  return found?.error ?? "the kernel holds something else"
}

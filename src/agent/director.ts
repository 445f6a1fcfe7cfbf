import type { Problem } from "../core/problem.ts"
import type { AgentStatus, Override } from "../model/agent-status.ts"
import type { DirectorState } from "../model/desired.ts"
import type { IpvsTable } from "../model/ipvs.ts"
import { isCheckService, serviceName } from "../model/ipvs.ts"
import { wantedTable } from "../plan/ipvs.ts"
import type { CheckServices } from "../plan/ipvs-checks.ts"
import { checkServices } from "../plan/ipvs-checks.ts"
import { quorumOfTable, stepQuorum } from "../plan/ipvs-quorum.ts"
import type { QuorumState, Runtime } from "../plan/ipvs-runtime.ts"
import { adoptedServers } from "../plan/ipvs-runtime.ts"
import type { Drain } from "./decide/drain.ts"
import { startDrains, stepDrains } from "./decide/drain.ts"
import type { HeldAddress } from "./decide/source.ts"
import { checkTargets } from "./decide/targets.ts"
import type { IpvsKernel, IpvsSnapshot } from "./kernel/ipvs-kernel.ts"
import type { HealthReport, TargetMessage } from "./messages.ts"
import { drainingStatus, healthStatus } from "./status.ts"
import { parseDirectorState } from "./store/desired.ts"
import type { AgentStore } from "./store/store.ts"
import { TableKeeper } from "./table-keeper.ts"
import { toFailure } from "../core/failure.ts"

/** The outside of the director's mind. */
export interface DirectorEdges {
  readonly kernel: IpvsKernel
  readonly store: AgentStore
  readonly addresses: () => readonly HeldAddress[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly sendTargets: (targets: readonly TargetMessage[]) => void
  readonly log: (line: string) => void
}

/** How a reload went: applied and read back, or what stands against it. */
export interface ReloadResult {
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

const nothing: DirectorState = { format: 1, services: [], vrrp: [], connectionSync: [] }
/** A reload that the kernel or the disk prevented is tried again after this long. */
const reloadPauseMs = 5000
/** How often private check services are looked after. */
const mendPauseMs = 10_000

/**
 * One director's IPVS: holds definition, health, overrides and drains apart, derives the wanted table from them, and
 * lets the kernel follow. On start it adopts what the kernel holds; it never flushes.
 */
export class Director {
  readonly #edges: DirectorEdges
  readonly #keeper: TableKeeper
  #desired: DirectorState | undefined
  #checks: CheckServices = { table: [], marks: new Map() }
  #health = new Map<string, HealthReport>()
  #overrides: readonly Override[]
  #drains: readonly Drain[] = []
  #quorum: ReadonlyMap<string, QuorumState> = new Map()
  #adopted: ReadonlyMap<string, number> = new Map()
  #owned: ReadonlySet<string>
  #targets = ""
  #reloadAtMs: number | undefined
  #mendedMs = 0

  constructor(edges: DirectorEdges) {
    this.#edges = edges
    this.#keeper = new TableKeeper(edges.kernel)
    this.#overrides = edges.store.overrides()
    this.#owned = new Set(edges.store.owned().services)
  }

  /** The definition in force; undefined when none was ever loaded. */
  get desired(): DirectorState | undefined {
    return this.#desired
  }

  /**
   * Loads the definition and makes the kernel follow by the whole difference. A definition that is refused changes
   * nothing; without any definition there is nothing to do.
   */
  reload(): ReloadResult {
    this.#reloadAtMs = undefined
    const text = this.#edges.store.desired()
    if (text === undefined) return { ok: true, problems: [] }
    const parsed = parseDirectorState(text)
    if (!parsed.ok) return { ok: false, problems: parsed.error }
    try {
      const left = this.#settle(parsed.value)
      return { ok: left.length === 0, problems: left.map(kernelProblem) }
    } catch (thrown) {
      const { message, hint } = toFailure(thrown)
      this.#reloadAtMs = this.#edges.now() + reloadPauseMs
      return { ok: false, problems: [{ ...kernelProblem(message), ...(hint ? { hint } : {}) }] }
    }
  }

  /** Takes in what the health process found. */
  report(reports: readonly HealthReport[]): void {
    for (const report of reports) {
      const before = this.#health.get(report.key)
      if (before?.state !== report.state)
        this.#edges.log(`${report.key} is ${report.state}: ${report.message}`)
      this.#health.set(report.key, report)
    }
    this.#shift()
  }

  /** The overrides in force. */
  get overrides(): readonly Override[] {
    return this.#overrides
  }

  /** Sets an override; one for the same host and service is replaced. Throws when it cannot be kept on disk. */
  override(override: Override): void {
    this.#changeOverrides([...this.#without(override.host, override.service), override])
  }

  /** Lifts all overrides of a host, or the one of a host's service; false when there is none. */
  lift(host: string, service: string | undefined): boolean {
    const rest =
      service === undefined
        ? this.#overrides.filter((override) => override.host !== host)
        : this.#without(host, service)
    if (rest.length === this.#overrides.length) return false
    this.#changeOverrides(rest)
    return true
  }

  /** Once a second: what time alone brings about. */
  tick(): void {
    const nowMs = this.#edges.now()
    if (this.#reloadAtMs !== undefined && nowMs >= this.#reloadAtMs) this.reload()
    const valid = this.#overrides.filter(
      ({ expires }) => expires === undefined || expires > iso(nowMs),
    )
    if (valid.length < this.#overrides.length) this.#changeOverrides(valid)
    if (this.#drains.length > 0) {
      const counters = this.#keeper.read().counters
      const going = stepDrains(this.#drains, counters, nowMs)
      const over = going.length < this.#drains.length
      this.#drains = going
      if (over) this.#shift()
    }
    this.#keeper.retry(this.#owned, nowMs)
    if (this.#checks.table.length > 0 && nowMs - this.#mendedMs >= mendPauseMs) this.#mend(nowMs)
    this.retarget()
  }

  /** Hands the targets to the health process when they changed, or in any case when it is `fresh`. */
  retarget(fresh = false): void {
    if (this.#desired === undefined) return
    const targets = checkTargets(this.#desired, this.#checks, this.#edges.addresses())
    const text = JSON.stringify(targets)
    if (text === this.#targets && !fresh) return
    this.#targets = text
    this.#edges.sendTargets(targets.map((target) => ({ target, known: this.#known(target.key) })))
  }

  /** Takes everything the agent made out of the kernel, at once. */
  release(): readonly string[] {
    const { table } = this.#keeper.read()
    this.#desired = undefined
    this.#checks = { table: [], marks: new Map() }
    this.#reloadAtMs = undefined
    this.#drains = []
    this.#targets = ""
    this.#health.clear()
    this.#edges.sendTargets([])
    const left = this.#keeper.settle([], table, this.#owned, this.#edges.now())
    this.#keepOwned(new Set())
    return left
  }

  /** What is known now; reads the kernel. One that does not answer is a warning, and its table empty. */
  status(): Omit<AgentStatus, "version" | "running" | "vrrp"> {
    const warnings = [...this.#keeper.warnings]
    const { table, counters } = this.#readFor(warnings)
    const state = this.#desired ?? nothing
    return {
      table,
      counters,
      owned: [...this.#owned],
      health: healthStatus(state, this.#health),
      overrides: this.#overrides,
      draining: drainingStatus(this.#drains),
      warnings,
      ...(this.#desired === undefined ? {} : { desired: this.#desired }),
    }
  }

  #readFor(warnings: string[]): IpvsSnapshot {
    try {
      return this.#keeper.read()
    } catch (thrown) {
      warnings.push(toFailure(thrown).message)
      return { table: [], counters: [] }
    }
  }

  #mend(nowMs: number): void {
    this.#mendedMs = nowMs
    const steps = this.#keeper.mendChecks()
    if (steps > 0) this.#edges.log(`private check services were missing or changed: put back`)
  }

  #settle(desired: DirectorState): readonly string[] {
    const nowMs = this.#edges.now()
    const { table } = this.#keeper.read()
    const names = desired.services.map((service) => serviceName(service.key))
    const owned = new Set([...this.#owned, ...names])
    this.#recordOwned(owned)
    this.#drains = startDrains(this.#drains, desired, this.#desired, table, this.#owned, nowMs)
    this.#quorum = new Map([...quorumOfTable(desired, table), ...this.#quorum])
    this.#adopted = adoptedServers(table)
    this.#desired = desired
    this.#checks = checkServices(desired)
    this.#forget(desired)
    const left = this.#keeper.settle(this.#derive(), table, this.#owned, nowMs)
    this.#keepOwned(this.#stillOwned())
    this.retarget()
    return left
  }

  #shift(): void {
    if (this.#desired === undefined) return
    this.#keeper.shift(this.#derive(), this.#owned, this.#edges.now())
    this.#keepOwned(this.#stillOwned())
  }

  #derive(): IpvsTable {
    const desired = this.#desired ?? nothing
    const runtime = this.#runtime()
    const quorum = stepQuorum(desired, runtime)
    for (const [name, state] of quorum)
      if (this.#quorum.get(name) !== state) this.#edges.log(`${name} quorum is ${state}`)
    this.#quorum = quorum
    return [...wantedTable(desired, { ...runtime, quorum }), ...this.#checks.table]
  }

  #runtime(): Runtime {
    return {
      health: new Map([...this.#health].map(([key, { state }]) => [key, state])),
      overrides: this.#overrides,
      draining: this.#drains.map(({ service, destination, untilMs }) => ({
        service,
        destination,
        until: iso(untilMs),
      })),
      quorum: this.#quorum,
      adopted: this.#adopted,
      now: iso(this.#edges.now()),
    }
  }

  #known(key: string): TargetMessage["known"] {
    const { state, message, sinceMs } = this.#health.get(key) ?? {
      state: "unknown" as const,
      message: "",
      sinceMs: this.#edges.now(),
    }
    return { state, message, sinceMs, pooled: this.#adopted.has(key) }
  }

  /** Health of servers that are no longer checked would be stale when they return. */
  #forget(desired: DirectorState): void {
    const checked = new Set(checkTargets(desired, this.#checks, []).map(({ key }) => key))
    for (const key of this.#health.keys()) if (!checked.has(key)) this.#health.delete(key)
  }

  #without(host: string, service: string | undefined): Override[] {
    return this.#overrides.filter(
      (override) => override.host !== host || override.service !== service,
    )
  }

  #changeOverrides(overrides: readonly Override[]): void {
    this.#edges.store.saveOverrides(overrides)
    this.#overrides = overrides
    this.#shift()
  }

  #stillOwned(): ReadonlySet<string> {
    const failing = this.#keeper.warnings.length > 0
    if (failing) return this.#owned
    const wanted = this.#keeper.wanted.filter((service) => !isCheckService(service.key))
    return new Set(wanted.map((service) => serviceName(service.key)))
  }

  /** Before anything is made: throws when the disk refuses, and then nothing is made. */
  #recordOwned(owned: ReadonlySet<string>): void {
    if (sameSet(owned, this.#owned)) return
    const { store } = this.#edges
    store.saveOwned({ ...store.owned(), services: [...owned].sort() })
    this.#owned = owned
  }

  /** After something was removed: owning too much on disk does no harm. */
  #keepOwned(owned: ReadonlySet<string>): void {
    try {
      this.#recordOwned(owned)
    } catch (thrown) {
      this.#edges.log(`the record of owned services was not written: ${toFailure(thrown).message}`)
      this.#owned = owned
    }
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
}

function kernelProblem(message: string): Problem {
  return { rule: "agent-kernel", message }
}

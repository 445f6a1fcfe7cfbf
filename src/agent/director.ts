import { toFailure } from "../core/failure.ts"
import type { Problem } from "../core/problem.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import type { StateChange } from "../model/state-change.ts"
import {
  agentServices,
  keepalivedServices,
  markRules,
  type DirectorState,
} from "../model/desired.ts"
import type { IpvsTable } from "../model/ipvs.ts"
import { isCheckService, serviceName } from "../model/ipvs.ts"
import type { Override } from "../model/override.ts"
import type { CheckServices } from "../plan/ipvs-checks.ts"
import { checkServices } from "../plan/ipvs-checks.ts"
import { tableSteps } from "../plan/ipvs-steps.ts"
import { quorumOfTable } from "../plan/ipvs-quorum.ts"
import type { QuorumState, Runtime } from "../plan/ipvs-runtime.ts"
import { adoptedServers } from "../plan/ipvs-runtime.ts"
import type { Derivation } from "./decide/derive.ts"
import { derive, deriveAgain } from "./decide/derive.ts"
import { startDrains, stepDrains } from "./decide/drain.ts"
import { handedOver } from "./decide/hand-over.ts"
import type { Lateness } from "./decide/lateness.ts"
import { latenessWarning } from "./decide/lateness.ts"
import type { SlowStart } from "./decide/slow-start.ts"
import type { HeldAddress } from "./decide/source.ts"
import type { KnownHealth } from "./decide/targets.ts"
import { checkTargets } from "./decide/targets.ts"
import type { Known } from "./decide/touched.ts"
import type { IpvsKernel } from "./kernel/ipvs-kernel.ts"
import type { MarkTables } from "./kernel/mark-tables.ts"
import type { HealthReport, TargetMessage } from "./messages.ts"
import { DrainBook } from "./drain-book.ts"
import { HealthBook } from "./health-book.ts"
import { MarkKeeper } from "./mark-keeper.ts"
import type { Lifting, Undated } from "./override-book.ts"
import { OverrideBook } from "./override-book.ts"
import { OwnedBook } from "./owned-book.ts"
import { quorumChanges, serverChanges } from "./changes.ts"
import { drainingStatus, healthStatus, lastServerWarnings } from "./status.ts"
import type { Aside, Salvaged } from "./store/salvage.ts"
import { salvageDirectorState } from "./store/salvage.ts"
import type { AgentStore } from "./store/store.ts"
import { TableKeeper } from "./table-keeper.ts"
import { settleTimeouts } from "./timeout-keeper.ts"
import { Turn } from "./turn.ts"

/** The outside of the director's mind. */
export interface DirectorEdges {
  readonly kernel: IpvsKernel
  readonly marks: MarkTables
  readonly store: AgentStore
  readonly addresses: () => readonly HeldAddress[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly sendTargets: (targets: readonly TargetMessage[]) => void
  readonly log: (line: string) => void
  /** Takes changes of real servers and quorums. */
  readonly note: (change: StateChange) => void
}

/** How a reload went: applied and read back, or what stands against it. */
export interface ReloadResult {
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

const nothing: DirectorState = { format: 1, services: [], vrrp: [], connectionSync: [] }
/** A reload that the kernel or the disk prevented is tried again after this long. */
const reloadPauseMs = 5000

/**
 * One director's IPVS: holds definition, health, overrides and drains apart, derives the wanted table from them, and
 * lets the kernel follow. On start it adopts what the kernel holds; it never flushes.
 */
export class Director {
  readonly #edges: DirectorEdges
  readonly #keeper: TableKeeper
  readonly #overrides: OverrideBook
  readonly #drainTurn: Turn
  readonly #mendTurn: Turn
  readonly #markTurn: Turn
  readonly #owned: OwnedBook
  readonly #marks: MarkKeeper
  #desired: DirectorState | undefined
  /** The part of the definition that this agent programs: all but the services of keepalived. */
  #own: DirectorState | undefined
  #checks: CheckServices = { table: [], marks: new Map() }
  readonly #health: HealthBook
  readonly #drains: DrainBook
  #late: string | undefined
  /** What the kernel was last told, and why; undefined before the first definition. */
  #derived: Derivation | undefined
  #quorum: ReadonlyMap<string, QuorumState> = new Map()
  #adopted: ReadonlyMap<string, number> = new Map()
  /** The host's addresses when the targets were last handed over: a check's source is one of them. */
  #addresses = ""
  /** What is wrong with services that were set aside, one line each. */
  #aside: readonly string[] = []
  #reloadAtMs: number | undefined
  #loaded: AgentStatus["loaded"]
  readonly #startedMs: number

  constructor(edges: DirectorEdges) {
    this.#edges = edges
    this.#startedMs = edges.now()
    this.#keeper = new TableKeeper(edges.kernel)
    this.#drainTurn = new Turn(edges.now, { leastMs: 0, share: 10 })
    this.#mendTurn = new Turn(edges.now, { leastMs: 10_000, share: 100 })
    this.#markTurn = new Turn(edges.now, { leastMs: 10_000, share: 20 })
    this.#overrides = new OverrideBook(edges.store, iso(edges.now()))
    this.#owned = new OwnedBook(edges.store, edges.log)
    this.#marks = new MarkKeeper(edges.marks, edges.store)
    this.#health = new HealthBook(edges.store, edges.log, this.#startedMs)
    this.#drains = new DrainBook(edges.store, edges.log, this.#startedMs)
  }

  /** The definition in force; undefined when none was ever loaded. */
  get desired(): DirectorState | undefined {
    return this.#desired
  }

  /**
   * Loads the definition and makes the kernel follow by the whole difference. A service that cannot be read is told and
   * stays in the kernel as it is; a definition that is refused changes nothing; without any there is nothing to do.
   */
  reload(): ReloadResult {
    const result = this.#load()
    this.#loaded = { at: iso(this.#edges.now()), ok: result.ok }
    return result
  }

  #load(): ReloadResult {
    this.#reloadAtMs = undefined
    const text = this.#edges.store.desired()
    if (text === undefined) return { ok: true, problems: [] }
    const salvaged = salvageDirectorState(text)
    if (!salvaged.ok) return { ok: false, problems: salvaged.error }
    try {
      const problems = [...salvaged.value.problems, ...this.#take(salvaged.value)]
      return { ok: problems.length === 0, problems }
    } catch (thrown) {
      const { message, hint } = toFailure(thrown)
      this.#reloadAtMs = this.#edges.now() + reloadPauseMs
      return { ok: false, problems: [{ ...kernelProblem(message), ...(hint ? { hint } : {}) }] }
    }
  }

  /** Takes in what the health process found. */
  report(reports: readonly HealthReport[]): void {
    const changed = reports.filter(({ key, state }) => this.#health.known.get(key)?.state !== state)
    for (const { key, state, message } of changed) this.#edges.log(`${key} is ${state}: ${message}`)
    for (const change of serverChanges(this.#desired, this.#health.known, changed, this.#startedMs))
      this.#edges.note(change)
    for (const report of reports) this.#health.set(report)
    this.#shift(reports.map(({ key }) => key))
  }

  /** Takes in how late checks began in the last seconds. */
  tellLateness(lateness: Lateness): void {
    const warning = latenessWarning(lateness)
    if (warning !== undefined && this.#late === undefined) this.#edges.log(warning)
    this.#late = warning
  }

  /** The overrides in force. */
  get overrides(): readonly Override[] {
    return this.#overrides.inForce
  }

  /** Sets an override, in the place of one with the same action and scope. Throws when it cannot be kept on disk. */
  override(asked: Undated): Override {
    const override = this.#overrides.set(asked, this.#now())
    this.#shift()
    return override
  }

  /** Lifts an action for a scope; false when there is none. Throws when that cannot be kept on disk. */
  lift(lifting: Lifting): boolean {
    const lifted = this.#overrides.lift(lifting, this.#now())
    if (lifted) this.#shift()
    return lifted
  }

  /** Takes in overrides as another director has them; returns those that were news. Throws when the disk refuses. */
  mergeOverrides(records: readonly Override[]): readonly Override[] {
    const news = this.#overrides.merge(records, this.#now())
    if (news.length > 0) this.#shift()
    return news
  }

  /** Once a second: what time alone brings about. */
  tick(): void {
    const nowMs = this.#edges.now()
    if (this.#reloadAtMs !== undefined && nowMs >= this.#reloadAtMs) this.reload()
    if (this.#overrides.expire(iso(nowMs))) this.#shift()
    this.#health.tick(nowMs)
    if (this.#drains.all.length > 0) this.#drainTurn.take(nowMs, () => this.#stepDrains())
    if (this.#ramps.size > 0) this.#shift()
    this.#keeper.retry(this.#owned.removable, nowMs)
    if (this.#checks.table.length > 0) this.#mendTurn.take(nowMs, () => this.#mend())
    if (this.#marks.busy) this.#markTurn.take(nowMs, () => this.#mendMarks())
    if (JSON.stringify(this.#edges.addresses()) !== this.#addresses) this.retarget()
  }

  /** How many real servers are known to be neither up nor down yet. */
  get unknownServers(): number {
    const health = healthStatus(this.#own ?? nothing, this.#health.known, [], this.#ramps)
    return health.filter(({ state }) => state === "unknown").length
  }

  /** Hands the targets to the health process. */
  retarget(): void {
    if (this.#own === undefined) return
    const held = this.#edges.addresses()
    this.#addresses = JSON.stringify(held)
    this.#edges.sendTargets(
      checkTargets(this.#own, this.#checks, held).map((target) => ({
        target,
        known: this.#healthOf(target.key),
      })),
    )
  }

  /** Takes everything the agent made out of the kernel, at once. */
  release(): readonly string[] {
    const { table } = this.#keeper.read()
    this.#desired = undefined
    this.#own = undefined
    this.#derived = undefined
    this.#checks = { table: [], marks: new Map() }
    this.#reloadAtMs = undefined
    this.#drains.set([])
    this.#health.keepOnly(new Set())
    this.#edges.sendTargets([])
    this.#owned.setAside(new Set())
    this.#aside = []
    const left = this.#keeper.settle([], table, this.#owned.names, this.#edges.now())
    settleTimeouts({}, this.#edges.kernel, this.#edges.store)
    this.#disown()
    return [...left, ...this.#marks.settle([], new Set())]
  }

  /** What is known now; reads the kernel. One that does not answer is a warning, and its table empty. */
  status(): Omit<AgentStatus, "version" | "running" | "vrrp"> {
    const warnings = [
      ...this.#aside,
      ...this.#keeper.warnings,
      ...this.#marks.warnings,
      ...(this.#late === undefined ? [] : [this.#late]),
      ...lastServerWarnings(this.#own ?? nothing, this.#runtime()),
    ]
    const seen = this.#readFor(warnings)
    return {
      ...seen,
      ...this.#heldMarks(warnings),
      owned: [...this.#owned.names],
      health: healthStatus(this.#desired ?? nothing, this.#health.known, seen.table, this.#ramps),
      quorum: [...this.#quorum].map(([service, state]) => ({ service, state })),
      ...(this.#loaded === undefined ? {} : { loaded: this.#loaded }),
      overrides: this.#overrides.inForce,
      pastOverrides: this.#overrides.past,
      draining: drainingStatus(this.#drains.all),
      warnings,
      ...(this.#desired === undefined ? {} : { desired: this.#desired }),
    }
  }

  #heldMarks(warnings: string[]): Pick<AgentStatus, "marks"> {
    try {
      const marks = this.#marks.held()
      return marks === undefined ? {} : { marks }
    } catch (thrown) {
      warnings.push(toFailure(thrown).message)
      return {}
    }
  }

  #readFor(warnings: string[]): Pick<AgentStatus, "table" | "counters" | "services" | "timeouts"> {
    try {
      return { ...this.#keeper.read(), timeouts: this.#edges.kernel.timeouts() }
    } catch (thrown) {
      warnings.push(toFailure(thrown).message)
      return { table: [], counters: [], services: [] }
    }
  }

  #take({ state, aside, problems }: Salvaged): readonly Problem[] {
    this.#owned.setAside(aside)
    this.#aside = problems.map(({ message }) => `a service is set aside: ${message}`)
    return this.#settle(state, aside).map(kernelProblem)
  }

  #settle(desired: DirectorState, aside: Aside): readonly string[] {
    const nowMs = this.#edges.now()
    const { table } = this.#keeper.read()
    const own = { ...desired, services: agentServices(desired.services) }
    const theirs = new Set(keepalivedServices(desired.services).map(({ key }) => serviceName(key)))
    this.#handOver(desired, table)
    this.#owned.leaveTo(theirs)
    this.#owned.add(own.services.map((service) => serviceName(service.key)))
    const owned = this.#owned.removable
    this.#drains.set(startDrains(this.#drains.all, own, this.#own, table, owned, nowMs))
    this.#quorum = new Map([...quorumOfTable(own, table), ...this.#quorum])
    this.#adopted = adoptedServers(table)
    this.#desired = desired
    this.#own = own
    this.#checks = checkServices(own)
    this.#forget(own)
    const left = this.#keeper.settle(this.#follow(derive(own, this.#known())), table, owned, nowMs)
    settleTimeouts(desired.timeouts ?? {}, this.#edges.kernel, this.#edges.store)
    this.#disown()
    // After their services: a mark without a service leads clients to the director itself.
    const unmarked = this.#marks.settle(markRules(desired), aside)
    this.retarget()
    return [...left, ...unmarked]
  }

  /** What was the agent's and becomes keepalived's is left as keepalived would have made it. */
  #handOver(desired: DirectorState, table: IpvsTable): void {
    const passing = keepalivedServices(desired.services).filter(({ key }) =>
      this.#owned.names.has(serviceName(key)),
    )
    const handed = handedOver(passing, table)
    const names = new Set(handed.map(({ key }) => serviceName(key)))
    const actual = table.filter(({ key }) => names.has(serviceName(key)))
    for (const { error } of this.#edges.kernel.apply(tableSteps(handed, actual, new Set())))
      this.#edges.log(`the hand-over to keepalived is not complete: ${error}`)
    for (const name of names) this.#edges.log(`${name} is keepalived's from now on`)
  }

  /** Lets the kernel follow what changed; `heard` are servers, by `serverKey`, whose health may have. */
  #shift(heard: readonly string[] = []): void {
    if (this.#own === undefined || this.#derived === undefined) return
    const table = this.#follow(deriveAgain(this.#derived, this.#own, this.#known(), heard))
    this.#keeper.shift(table, this.#owned.removable, this.#edges.now())
    this.#disown()
  }

  #follow(derived: Derivation): IpvsTable {
    for (const [name, state] of derived.quorum)
      if (this.#quorum.get(name) !== state) this.#edges.log(`${name} quorum is ${state}`)
    const at = iso(this.#edges.now())
    for (const change of quorumChanges(this.#quorum, derived.quorum, at)) this.#edges.note(change)
    this.#quorum = derived.quorum
    this.#derived = derived
    return [...derived.table.values(), ...this.#checks.table]
  }

  get #ramps(): ReadonlyMap<string, SlowStart> {
    return this.#derived?.ramps ?? new Map()
  }

  #known(): Known {
    const of = (key: string): HealthReport | undefined => this.#health.known.get(key)
    const nowMs = this.#edges.now()
    return {
      health: { get: (key) => of(key)?.state },
      fallen: { get: (key) => of(key)?.lastUpMs },
      told: { get: (key) => of(key)?.weight },
      joined: (key) => of(key)?.joinedMs,
      resumed: this.#overrides.resumptions,
      overrides: this.#overrides.inForce,
      draining: this.#drains.all.map(({ service, destination, untilMs }) => ({
        service,
        destination,
        until: iso(untilMs),
      })),
      quorum: this.#quorum,
      adopted: this.#adopted,
      now: iso(nowMs),
      nowMs,
    }
  }

  #runtime(): Runtime {
    const ramps = this.#ramps
    return { ...this.#known(), ramps: { get: (key) => ramps.get(key)?.weight } }
  }

  #now(): string {
    return iso(this.#edges.now())
  }

  #stepDrains(): void {
    const { counters } = this.#keeper.read()
    const going = stepDrains(this.#drains.all, counters, this.#edges.now())
    const over = going.length < this.#drains.all.length
    this.#drains.set(going)
    if (over) this.#shift()
  }

  #mend(): void {
    if (this.#keeper.mendChecks() > 0)
      this.#edges.log("private check services were missing or changed: put back")
  }

  #mendMarks(): void {
    if (this.#marks.mend() > 0) this.#edges.log("marking rules were missing or changed: put back")
  }

  #healthOf(key: string): KnownHealth {
    const unknown = { state: "unknown" as const, message: "", sinceMs: this.#edges.now() }
    const { key: _, ...known } = this.#health.known.get(key) ?? { key, ...unknown }
    return { ...known, pooled: (this.#adopted.get(key) ?? 0) > 0 }
  }

  /** Health of servers that are no longer checked would be stale when they return. */
  #forget(desired: DirectorState): void {
    const checked = new Set(checkTargets(desired, this.#checks, []).map(({ key }) => key))
    this.#health.keepOnly(checked)
  }

  /** Gives up services that are gone; while the kernel refuses something, they may still be there. */
  #disown(): void {
    if (this.#keeper.warnings.length > 0) return
    // All that is wanted is owned: where both are as many there is nothing to give up.
    if (this.#owned.names.size === this.#keeper.wanted.length - this.#checks.table.length) return
    const wanted = this.#keeper.wanted.filter((service) => !isCheckService(service.key))
    this.#owned.keepOnly(new Set(wanted.map((service) => serviceName(service.key))))
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function kernelProblem(message: string): Problem {
  return { rule: "agent-kernel", message }
}

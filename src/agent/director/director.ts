import { toFailure } from "../../core/failure.ts"
import { instantOf } from "../../core/instant.ts"
import type { Problem } from "../../core/problem.ts"
import type { AgentStatus } from "../../model/agent-status.ts"
import { agentServices, type DirectorState, emptyState } from "../../model/desired.ts"
import type { IpvsTable } from "../../model/ipvs.ts"
import type { Override } from "../../model/override.ts"
import type { StateChange } from "../../model/state-change.ts"
import type { CheckServices } from "../../plan/ipvs-checks.ts"
import { checkServices } from "../../plan/ipvs-checks.ts"
import type { Runtime } from "../../plan/ipvs-runtime.ts"
import type { Derivation } from "../decide/derive.ts"
import { derive, deriveAgain } from "../decide/derive.ts"
import { startDrains, stepDrains } from "../decide/drain.ts"
import type { Lateness } from "../decide/lateness.ts"
import { latenessWarning } from "../decide/lateness.ts"
import type { SlowStart } from "../decide/slow-start.ts"
import type { HeldAddress } from "../decide/source.ts"
import { checkTargets } from "../decide/targets.ts"
import type { HealthReport, TargetMessage } from "../messages.ts"
import { quorumChanges, serverChanges } from "./changes.ts"
import { Holding, type HoldingEdges } from "./holding.ts"
import { Knowledge } from "./knowledge.ts"
import type { Lifting, Undated } from "./override-book.ts"
import { drainingStatus, healthStatus, lastServerWarnings } from "./status.ts"
import type { Salvaged } from "../store/salvage.ts"
import { salvageDirectorState } from "../store/salvage.ts"
import { Turn } from "./turn.ts"

/** The outside of the director's mind. */
export interface DirectorEdges extends HoldingEdges {
  readonly addresses: () => readonly HeldAddress[]
  readonly sendTargets: (targets: readonly TargetMessage[]) => void
  /** Takes changes of real servers and quorums. */
  readonly note: (change: StateChange) => void
}

/** How a reload went: applied and read back, or what stands against it. */
export interface ReloadResult {
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

const noChecks: CheckServices = { table: [], marks: new Map() }
/** A reload that the kernel or the disk prevented is tried again after this long. */
const reloadPauseMs = 5000

/**
 * One director's IPVS: keeps definition and knowledge apart, derives the wanted table from both, and lets the kernel
 * follow. On start it adopts what the kernel holds; it never flushes.
 */
export class Director {
  readonly #edges: DirectorEdges
  readonly #known: Knowledge
  readonly #holding: Holding
  readonly #drainTurn: Turn
  #desired: DirectorState | undefined
  /** The part of the definition that this agent programs: all but the services of keepalived. */
  #own: DirectorState | undefined
  #checks: CheckServices = noChecks
  #late: string | undefined
  /** What the kernel was last told, and why; undefined before the first definition. */
  #derived: Derivation | undefined
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
    this.#known = new Knowledge(edges.store, edges.log, this.#startedMs)
    this.#holding = new Holding(edges)
    this.#drainTurn = new Turn(edges.now, { leastMs: 0, share: 10 })
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
    this.#loaded = { at: instantOf(this.#edges.now()), ok: result.ok }
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
    const { health } = this.#known
    const changed = reports.filter(({ key, state }) => health.known.get(key)?.state !== state)
    for (const { key, state, message } of changed) this.#edges.log(`${key} is ${state}: ${message}`)
    for (const change of serverChanges(this.#desired, health.known, changed, this.#startedMs))
      this.#edges.note(change)
    for (const report of reports) health.set(report)
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
    return this.#known.overrides.inForce
  }

  /** Sets an override, in the place of one with the same action and scope. Throws when it cannot be kept on disk. */
  override(asked: Undated): Override {
    const override = this.#known.overrides.set(asked, this.#now())
    this.#shift()
    return override
  }

  /** Lifts an action for a scope; false when there is none. Throws when that cannot be kept on disk. */
  lift(lifting: Lifting): boolean {
    const lifted = this.#known.overrides.lift(lifting, this.#now())
    if (lifted) this.#shift()
    return lifted
  }

  /** Takes in overrides as another director has them; returns those that were news. Throws when the disk refuses. */
  mergeOverrides(records: readonly Override[]): readonly Override[] {
    const news = this.#known.overrides.merge(records, this.#now())
    if (news.length > 0) this.#shift()
    return news
  }

  /** Once a second: what time alone brings about. */
  tick(): void {
    const nowMs = this.#edges.now()
    if (this.#reloadAtMs !== undefined && nowMs >= this.#reloadAtMs) this.reload()
    if (this.#known.overrides.expire(instantOf(nowMs))) this.#shift()
    this.#known.health.tick(nowMs)
    if (this.#known.drains.all.length > 0) this.#drainTurn.take(nowMs, () => this.#stepDrains())
    if (this.#ramps.size > 0) this.#shift()
    this.#holding.tick(nowMs)
    if (JSON.stringify(this.#edges.addresses()) !== this.#addresses) this.retarget()
  }

  /** How many real servers are known to be neither up nor down yet. */
  get unknownServers(): number {
    const health = healthStatus(this.#own ?? emptyState, this.#known.health.known, [], this.#ramps)
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
        known: this.#known.healthOf(target.key, this.#edges.now()),
      })),
    )
  }

  /** Takes everything the agent made out of the kernel, at once. */
  release(): readonly string[] {
    const { table } = this.#holding.read()
    this.#desired = undefined
    this.#own = undefined
    this.#derived = undefined
    this.#checks = noChecks
    this.#reloadAtMs = undefined
    this.#known.drains.set([])
    this.#known.health.keepOnly(new Set())
    this.#edges.sendTargets([])
    this.#aside = []
    return this.#holding.release(table)
  }

  /** What is known now; reads the kernel. One that does not answer is a warning, and its table empty. */
  status(): Omit<AgentStatus, "version" | "running" | "vrrp"> {
    const warnings = [
      ...this.#aside,
      ...this.#holding.warnings,
      ...(this.#late === undefined ? [] : [this.#late]),
      ...lastServerWarnings(this.#own ?? emptyState, this.#runtime()),
    ]
    const seen = this.#holding.status(warnings)
    return {
      ...seen,
      health: healthStatus(
        this.#desired ?? emptyState,
        this.#known.health.known,
        seen.table,
        this.#ramps,
      ),
      quorum: [...this.#known.quorum].map(([service, state]) => ({ service, state })),
      ...(this.#loaded === undefined ? {} : { loaded: this.#loaded }),
      overrides: this.#known.overrides.inForce,
      pastOverrides: this.#known.overrides.past,
      draining: drainingStatus(this.#known.drains.all),
      warnings,
      ...(this.#desired === undefined ? {} : { desired: this.#desired }),
    }
  }

  #take({ state, aside, problems }: Salvaged): readonly Problem[] {
    this.#holding.setAside(aside)
    this.#aside = problems.map(({ message }) => `a service is set aside: ${message}`)
    return this.#settle(state).map(kernelProblem)
  }

  #settle(desired: DirectorState): readonly string[] {
    const nowMs = this.#edges.now()
    const { table } = this.#holding.read()
    const own = { ...desired, services: agentServices(desired.services) }
    this.#holding.claim(desired, table)
    const { drains } = this.#known
    drains.set(startDrains(drains.all, own, this.#own, table, this.#holding.removable, nowMs))
    this.#known.adopt(own, table)
    this.#desired = desired
    this.#own = own
    this.#checks = checkServices(own)
    this.#forget(own)
    const wanted = this.#follow(derive(own, this.#known.at(nowMs)))
    const left = this.#holding.settle(wanted, table, desired)
    this.retarget()
    return left
  }

  /** Lets the kernel follow what changed; `heard` are servers, by `serverKey`, whose health may have. */
  #shift(heard: readonly string[] = []): void {
    if (this.#own === undefined || this.#derived === undefined) return
    const known = this.#known.at(this.#edges.now())
    this.#holding.shift(this.#follow(deriveAgain(this.#derived, this.#own, known, heard)))
  }

  #follow(derived: Derivation): IpvsTable {
    for (const [name, state] of derived.quorum)
      if (this.#known.quorum.get(name) !== state) this.#edges.log(`${name} quorum is ${state}`)
    const at = instantOf(this.#edges.now())
    for (const change of quorumChanges(this.#known.quorum, derived.quorum, at))
      this.#edges.note(change)
    this.#known.quorum = derived.quorum
    this.#derived = derived
    return [...derived.table.values(), ...this.#checks.table]
  }

  get #ramps(): ReadonlyMap<string, SlowStart> {
    return this.#derived?.ramps ?? new Map()
  }

  #runtime(): Runtime {
    const ramps = this.#ramps
    return { ...this.#known.at(this.#edges.now()), ramps: { get: (key) => ramps.get(key)?.weight } }
  }

  #now(): string {
    return instantOf(this.#edges.now())
  }

  #stepDrains(): void {
    const { counters } = this.#holding.read()
    const going = stepDrains(this.#known.drains.all, counters, this.#edges.now())
    const over = going.length < this.#known.drains.all.length
    this.#known.drains.set(going)
    if (over) this.#shift()
  }

  /** Health of servers that are no longer checked would be stale when they return. */
  #forget(desired: DirectorState): void {
    const checked = new Set(checkTargets(desired, this.#checks, []).map(({ key }) => key))
    this.#known.health.keepOnly(checked)
  }
}

function kernelProblem(message: string): Problem {
  return { rule: "agent-kernel", message }
}

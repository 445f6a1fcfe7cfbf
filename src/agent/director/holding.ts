import type { AgentStatus } from "../../model/agent-status.ts"
import {
  agentServices,
  type DirectorState,
  emptyState,
  keepalivedServices,
  markRules,
} from "../../model/desired.ts"
import type { IpvsTable } from "../../model/ipvs.ts"
import { isCheckService, serviceName } from "../../model/ipvs.ts"
import { tableSteps } from "../../plan/ipvs-steps.ts"
import { handedOver } from "../decide/hand-over.ts"
import type { IpvsKernel, IpvsSnapshot } from "../kernel/ipvs-kernel.ts"
import type { MarkTables } from "../kernel/mark-tables.ts"
import { MarkKeeper } from "./mark-keeper.ts"
import { OwnedBook } from "./owned-book.ts"
import type { Aside } from "../store/salvage.ts"
import type { AgentStore } from "../store/store.ts"
import { TableKeeper } from "./table-keeper.ts"
import { settleTimeouts } from "./timeout-keeper.ts"
import { snapshot } from "./snapshot.ts"
import { Turn } from "./turn.ts"

/** Where a director's table is held. */
export interface HoldingEdges {
  readonly kernel: IpvsKernel
  readonly marks: MarkTables
  readonly store: AgentStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: (line: string) => void
}

/** What the kernel holds for a director: its table, its timeouts and its marking rules; and which of it is the agent's. */
export class Holding {
  readonly #edges: HoldingEdges
  readonly #table: TableKeeper
  readonly #marks: MarkKeeper
  readonly #owned: OwnedBook
  readonly #mendTurn: Turn
  readonly #markTurn: Turn
  #checks = 0
  #aside: Aside = new Set()

  constructor(edges: HoldingEdges) {
    this.#edges = edges
    this.#table = new TableKeeper(edges.kernel)
    this.#marks = new MarkKeeper(edges.marks, edges.store)
    this.#owned = new OwnedBook(edges.store, edges.log)
    this.#mendTurn = new Turn(edges.now, { leastMs: 10_000, share: 100 })
    this.#markTurn = new Turn(edges.now, { leastMs: 10_000, share: 20 })
  }

  /** The services, by serviceName, that the agent made or adopted. */
  get owned(): ReadonlySet<string> {
    return this.#owned.names
  }

  /** Those of them that the agent may remove. */
  get removable(): ReadonlySet<string> {
    return this.#owned.removable
  }

  /** What is not as wanted, one line each. */
  get warnings(): readonly string[] {
    return [...this.#table.warnings, ...this.#marks.warnings]
  }

  /** The kernel's table and counters. Throws Failure when it does not answer. */
  read(): IpvsSnapshot {
    return this.#table.read()
  }

  /** From now on these services stay as they are: the definition of them cannot be read. */
  setAside(aside: Aside): void {
    this.#aside = aside
    this.#owned.setAside(aside)
  }

  /**
   * Before anything is made: the definition's services are the agent's, but those of keepalived, which are left to it as it
   * would have made them. `table` is the kernel's. Throws when the disk refuses, and then nothing may be made.
   */
  claim({ services }: DirectorState, table: IpvsTable): void {
    const theirs = keepalivedServices(services)
    const passing = theirs.filter(({ key }) => this.owned.has(serviceName(key)))
    const handed = handedOver(passing, table)
    const names = new Set(handed.map(({ key }) => serviceName(key)))
    const actual = table.filter(({ key }) => names.has(serviceName(key)))
    for (const { error } of this.#edges.kernel.apply(tableSteps(handed, actual, new Set())))
      this.#edges.log(`the hand-over to keepalived is not complete: ${error}`)
    for (const name of names) this.#edges.log(`${name} is keepalived's from now on`)
    this.#owned.leaveTo(new Set(theirs.map(({ key }) => serviceName(key))))
    this.#owned.add(agentServices(services).map(({ key }) => serviceName(key)))
  }

  /** Makes the kernel hold this table, `actual` being there, and the rest of the definition; returns what it holds otherwise. */
  settle(wanted: IpvsTable, actual: IpvsTable, desired: DirectorState): readonly string[] {
    const left = this.#table.settle(wanted, actual, this.#owned.removable, this.#edges.now())
    settleTimeouts(desired.timeouts ?? {}, this.#edges.kernel, this.#edges.store)
    this.#disown()
    // After their services: a mark without a service leads clients to the director itself.
    return [...left, ...this.#marks.settle(markRules(desired), this.#aside)]
  }

  /** Writes what is wanted now and was not before. */
  shift(wanted: IpvsTable): void {
    this.#table.shift(wanted, this.#owned.removable, this.#edges.now())
    this.#disown()
  }

  /** Takes everything the agent made out of the kernel, which holds `actual`, at once; returns what stays nevertheless. */
  release(actual: IpvsTable): readonly string[] {
    this.setAside(new Set())
    return this.settle([], actual, emptyState)
  }

  /** Once a second: tries again what failed, and puts back what was taken away. */
  tick(nowMs: number): void {
    this.#table.retry(this.#owned.removable, nowMs)
    if (this.#checks > 0) this.#mendTurn.take(nowMs, () => this.#mendChecks())
    if (this.#marks.busy) this.#markTurn.take(nowMs, () => this.#mendMarks())
  }

  /** What it is now; reads the kernel. What does not answer is added to the warnings and missing. */
  status(
    warnings: string[],
  ): Pick<AgentStatus, "table" | "counters" | "services" | "timeouts" | "marks" | "owned"> {
    const table = () => ({ ...this.read(), timeouts: this.#edges.kernel.timeouts() })
    return { ...snapshot(table, () => this.#marks.held(), warnings), owned: [...this.owned] }
  }

  /** Gives up services that are gone; while the kernel refuses something, they may still be there. */
  #disown(): void {
    const { wanted } = this.#table
    this.#checks = wanted.filter(({ key }) => isCheckService(key)).length
    if (this.#table.warnings.length > 0) return
    // All that is wanted is owned: where both are as many there is nothing to give up.
    if (this.owned.size === wanted.length - this.#checks) return
    const services = wanted.filter(({ key }) => !isCheckService(key))
    this.#owned.keepOnly(new Set(services.map(({ key }) => serviceName(key))))
  }

  #mendChecks(): void {
    if (this.#table.mendChecks() > 0)
      this.#edges.log("private check services were missing or changed: put back")
  }

  #mendMarks(): void {
    if (this.#marks.mend() > 0) this.#edges.log("marking rules were missing or changed: put back")
  }
}

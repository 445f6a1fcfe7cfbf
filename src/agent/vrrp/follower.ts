import { instantOf } from "../../core/instant.ts"
import { toFailure } from "../../core/failure.ts"
import type { AgentStatus, VrrpState } from "../../model/agent-status.ts"
import type { DesiredVrrp, DirectorState } from "../../model/desired.ts"
import type { Override } from "../../model/override.ts"
import type { StateChange } from "../../model/state-change.ts"
import type { HeldAddress } from "../decide/source.ts"
import { sameDaemon, wantedDaemons } from "../decide/sync.ts"
import type { RouterOrder } from "../decide/router-order.ts"
import type { Demotion } from "../decide/vrrp.ts"
import { demotionOf, startDemotion, stepDemotion, trackedValue, vrrpState } from "../decide/vrrp.ts"
import { prioritiesOf } from "../decide/vrrp-priority.ts"
import type { IpvsKernel } from "../kernel/ipvs-kernel.ts"
import type { RouterReport } from "../messages.ts"
import type { AgentStore } from "../store/store.ts"

/** The outside of the follower. */
export interface FollowerEdges {
  readonly kernel: Pick<IpvsKernel, "daemons" | "startDaemon" | "stopDaemon">
  readonly store: Pick<
    AgentStore,
    "owned" | "saveOwned" | "tracked" | "track" | "trackedBase" | "saveTrackedBase"
  >
  readonly addresses: () => readonly HeldAddress[]
  readonly keepalivedRuns: () => boolean
  /** In force: an operator may give a director another priority. */
  readonly overrides: () => readonly Override[]
  /** To the VRRP process: all instances that the agent speaks for itself. */
  readonly sendOrders: (orders: readonly RouterOrder[]) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: (line: string) => void
  /** Takes changes of VRRP instances. */
  readonly note: (change: StateChange) => void
}

/** A change this long after an order is another one, milliseconds: `lbagent failover` has given up by then. */
const orderedMs = 60_000

interface Instance {
  readonly state: VrrpState
  readonly sinceMs: number
  readonly demotion: Demotion
  /** The one it goes by; of a demoted one what it was demoted to. In FAULT it has none that counts. */
  readonly priority: number
}

/** Follows the VRRP that keepalived or the VRRP process runs, has it hand over, and keeps connection synchronisation in step. */
export class Follower {
  readonly #edges: FollowerEdges
  #instances = new Map<string, Instance>()
  #warnings: readonly string[] = []
  /** Who ordered the next change of an instance, and why. */
  readonly #reasons = new Map<string, { readonly why: string; readonly atMs: number }>()
  #reports: ReadonlyMap<string, RouterReport> = new Map()
  #routerWarnings: readonly string[] = []
  /** None were sent yet, or the process they were for is gone. */
  #orders: readonly RouterOrder[] | undefined

  constructor(edges: FollowerEdges) {
    this.#edges = edges
  }

  /** Looks at every instance and does what follows from what it sees. Once a second, and after a reload. */
  poll(desired: DirectorState | undefined): void {
    const held = this.#edges.addresses()
    const running = this.#edges.keepalivedRuns()
    const before = this.#instances
    this.#instances = new Map(
      (desired?.vrrp ?? []).map((vrrp) => [
        vrrp.instance,
        this.#look(vrrp, before.get(vrrp.instance), running, held),
      ]),
    )
    this.#warnings = [
      ...(desired?.vrrp ?? []).flatMap((vrrp) => strandedVip(vrrp, running, held)),
      ...this.#routerWarnings,
      ...this.#synchronise(desired),
    ]
    if (desired !== undefined) this.#order(desired)
  }

  /** Takes in how the instances of the VRRP process are. */
  hear(reports: readonly RouterReport[], warnings: readonly string[]): void {
    this.#reports = new Map(reports.map((report) => [report.instance, report]))
    this.#routerWarnings = warnings
  }

  /** The VRRP process is new: it is told its orders anew, and until it reports nothing is known of its instances. */
  retell(): void {
    const orders = this.#orders
    this.#reports = new Map()
    if (orders !== undefined) this.#edges.sendOrders(orders)
  }

  /** Has the VRRP process let go of everything. */
  release(): void {
    if (this.#orders === undefined || this.#orders.length === 0) return
    this.#orders = []
    this.#edges.sendOrders([])
  }

  /**
   * Hands an instance over: its MASTER lets go; a demoted one that is not MASTER takes back its priority.
   * `why` is told with the change of state that follows. Returns what was begun; throws nothing: `undefined` means there is nothing to hand over here.
   */
  failover(vrrp: DesiredVrrp, why = ""): "released" | "restored" | undefined {
    const instance = this.#instances.get(vrrp.instance)
    if (instance?.state === "MASTER") {
      this.#reasons.set(vrrp.instance, { why, atMs: this.#edges.now() })
      this.#demote(vrrp, instance, startDemotion(vrrp))
      return "released"
    }
    if (instance?.demotion.kind !== "lowered") return undefined
    this.#reasons.set(vrrp.instance, { why, atMs: this.#edges.now() })
    this.#demote(vrrp, instance, { kind: "none" })
    return "restored"
  }

  /** The instances as operators see them. */
  status(): AgentStatus["vrrp"] {
    return [...this.#instances].map(([instance, { state, sinceMs, demotion, priority }]) => ({
      instance,
      state,
      since: instantOf(sinceMs),
      demoted: demotion.kind !== "none",
      priority,
    }))
  }

  /** What is not as it should be, one line each. */
  get warnings(): readonly string[] {
    return this.#warnings
  }

  #look(
    vrrp: DesiredVrrp,
    before: Instance | undefined,
    keepalivedRuns: boolean,
    held: readonly HeldAddress[],
  ): Instance {
    const nowMs = this.#edges.now()
    const state =
      vrrp.driver === "native"
        ? (this.#reports.get(vrrp.instance)?.state ?? "STOPPED")
        : vrrpState({
            keepalivedRuns,
            anchorHeld: isHeld(vrrp.anchor, vrrp.interface, held),
            sourceHeld: isHeld(vrrp.source, vrrp.interface, held),
          })
    if (before !== undefined && before.state !== state) {
      const [from, name, at] = [before.state, vrrp.instance, instantOf(nowMs)]
      this.#edges.log(`${name}: ${from} -> ${state}`)
      this.#edges.note({ at, kind: "vrrp", name, from, to: state, message: this.#reason(name) })
    }
    const tracked = this.#edges.store.tracked(vrrp.instance)
    const found = () => demotionOf(tracked ?? 0, this.#edges.store.trackedBase(vrrp.instance))
    const demotion = stepDemotion(before?.demotion ?? found(), state, vrrp, nowMs)
    const priority = this.#write(vrrp, demotion, tracked)
    const sinceMs = before?.state === state ? before.sinceMs : nowMs
    return { state, sinceMs, demotion, priority }
  }

  /** Why an instance changed, if somebody ordered that; said once. */
  #reason(instance: string): string {
    const order = this.#reasons.get(instance)
    this.#reasons.delete(instance)
    return order === undefined || this.#edges.now() - order.atMs > orderedMs ? "" : order.why
  }

  #demote(vrrp: DesiredVrrp, instance: Instance, demotion: Demotion): void {
    const priority = this.#write(vrrp, demotion, this.#edges.store.tracked(vrrp.instance))
    this.#instances.set(vrrp.instance, { ...instance, demotion, priority })
    this.#tellDemotion(vrrp, demotion)
    this.#edges.log(`${vrrp.instance}: ${demotion.kind === "none" ? "restored" : demotion.kind}`)
  }

  /**
   * Writes the tracked number; returns the priority it makes. What of it is no demotion is kept beside it, never above what
   * stands in the file: a process that ends between two writes leaves nothing that the next takes for a demotion.
   */
  #write(vrrp: DesiredVrrp, demotion: Demotion, tracked: number | undefined): number {
    const { store } = this.#edges
    const { instance } = vrrp
    const value = this.#trackedValue(vrrp, demotion)
    const base = this.#trackedValue(vrrp, { kind: "none" })
    const kept = store.trackedBase(instance)
    if (base < kept) store.saveTrackedBase(instance, base)
    if (value !== tracked) store.track(instance, value)
    if (base > kept) store.saveTrackedBase(instance, base)
    return Math.max(0, vrrp.priority + value)
  }

  #trackedValue(vrrp: DesiredVrrp, demotion: Demotion): number {
    return trackedValue(demotion, prioritiesOf(vrrp, this.#edges.overrides()))
  }

  #order(desired: DirectorState): void {
    const orders = desired.vrrp
      .filter(({ driver }) => driver === "native")
      .map((vrrp) => {
        const demotion = this.#instances.get(vrrp.instance)?.demotion ?? { kind: "none" as const }
        return { vrrp, tracked: this.#trackedValue(vrrp, demotion) }
      })
    this.#sendOrders(orders)
  }

  #tellDemotion(vrrp: DesiredVrrp, demotion: Demotion): void {
    const tracked = this.#trackedValue(vrrp, demotion)
    this.#sendOrders(
      (this.#orders ?? []).map((order) =>
        order.vrrp.instance === vrrp.instance ? { ...order, tracked } : order,
      ),
    )
  }

  #sendOrders(orders: readonly RouterOrder[]): void {
    if (JSON.stringify(orders) === JSON.stringify(this.#orders)) return
    this.#orders = orders
    this.#edges.sendOrders(orders)
  }

  /** Daemons that somebody else runs are left alone until the definition names one. */
  #synchronise(desired: DirectorState | undefined): string[] {
    const { kernel, store } = this.#edges
    const record = store.owned()
    const state = desired ?? { connectionSync: [] }
    if (state.connectionSync.length === 0 && !record.syncDaemons) return []
    const states = new Map([...this.#instances].map(([name, { state: now }]) => [name, now]))
    const wanted = wantedDaemons(state, states)
    try {
      if (wanted.length > 0 && !record.syncDaemons)
        store.saveOwned({ ...record, syncDaemons: true })
      const running = kernel.daemons()
      for (const daemon of wanted)
        if (!running.some((other) => sameDaemon(daemon, other))) kernel.startDaemon(daemon)
      for (const { role } of running)
        if (!wanted.some((daemon) => daemon.role === role)) kernel.stopDaemon(role)
      if (wanted.length === 0) store.saveOwned({ ...record, syncDaemons: false })
      return []
    } catch (thrown) {
      return [`connection synchronisation: ${toFailure(thrown).message}`]
    }
  }
}

function strandedVip(vrrp: DesiredVrrp, running: boolean, held: readonly HeldAddress[]): string[] {
  if (vrrp.driver === "native" || running || !isHeld(vrrp.anchor, vrrp.interface, held)) return []
  return [
    `${vrrp.instance}: keepalived is not running, but this host still holds ${vrrp.anchor}; its peer may hold it too`,
  ]
}

function isHeld(address: string, networkInterface: string, held: readonly HeldAddress[]): boolean {
  return held.some((item) => item.address === address && item.interface === networkInterface)
}

import type { AddressBookEdges } from "./address-book.ts"
import { AddressBook } from "./address-book.ts"
import type { RouterOrder } from "../decide/router-order.ts"
import type { RouterReport } from "../messages.ts"
import type { VrrpMemory } from "../store/vrrp-memory.ts"
import type { RouterEdges } from "./virtual-router.ts"
import { VirtualRouter } from "./virtual-router.ts"

/** The outside of the VRRP driver. */
export interface VrrpDriverEdges
  extends
    Omit<RouterEdges, "book" | "memory">,
    Pick<AddressBookEdges, "change">,
    Pick<AddressBookEdges, "held"> {
  readonly memory: VrrpMemory
  readonly report: (reports: readonly RouterReport[], warnings: readonly string[]) => void
}

/** How often it looks at the host's addresses: whether each instance has its source, and each master all that it holds. */
const lookMs = 500

/** All the VRRP instances that the agent speaks for, in one process that does nothing else. */
export class VrrpDriver {
  readonly #edges: VrrpDriverEdges
  readonly #book: AddressBook
  readonly #routers = new Map<string, VirtualRouter>()
  #orders: readonly RouterOrder[]
  #held: ReturnType<AddressBookEdges["held"]> = []
  #lookAtMs = -Infinity
  #reported = ""

  /** Goes on with the orders that a former process had. */
  constructor(edges: VrrpDriverEdges) {
    this.#edges = edges
    const { orders, made } = edges.memory.record()
    this.#orders = orders
    this.#book = new AddressBook({ ...edges, save: () => this.#save() }, made)
    this.#employ()
  }

  /** Sockets that are readable when something was said. */
  get fds(): readonly number[] {
    return [...this.#routers.values()].flatMap(({ fd }) => fd ?? [])
  }

  /** Takes new orders: instances that are not among them let go. */
  configure(orders: readonly RouterOrder[]): void {
    this.#orders = orders
    this.#save()
    this.#employ()
    this.#lookAtMs = -Infinity
    // Who sends orders may be a new engine, which knows nothing.
    this.#reported = ""
  }

  /** Lets every instance hear and do what is due. Returns in how many milliseconds it has to be called again at the latest. */
  wake(): number {
    const nowMs = this.#edges.clock()
    const looks = nowMs >= this.#lookAtMs
    if (looks) {
      this.#held = this.#edges.held()
      this.#lookAtMs = nowMs + lookMs
    }
    for (const router of this.#routers.values()) {
      router.wake(this.#held)
      if (looks) router.mend()
    }
    this.#report(looks)
    const due = [...this.#routers.values()].map(({ dueMs }) => dueMs ?? Infinity)
    return Math.min(this.#lookAtMs, ...due) - this.#edges.clock()
  }

  /** Every instance gives its addresses to its peer. */
  stop(): void {
    for (const router of this.#routers.values()) router.stop()
    this.#routers.clear()
  }

  #employ(): void {
    const wanted = new Set(this.#orders.map(({ vrrp }) => vrrp.instance))
    for (const [instance, router] of this.#routers) {
      if (wanted.has(instance)) continue
      router.stop()
      this.#routers.delete(instance)
    }
    for (const instance of this.#book.instances)
      if (!wanted.has(instance)) this.#book.letGo(instance)
    for (const order of this.#orders) {
      const router = this.#routers.get(order.vrrp.instance)
      if (router !== undefined) router.update(order)
      else
        this.#routers.set(
          order.vrrp.instance,
          new VirtualRouter(order, { ...this.#edges, book: this.#book }),
        )
    }
  }

  #save(): void {
    this.#edges.memory.save({ format: 1, orders: this.#orders, made: this.#book.made })
  }

  /** At once when a state changed; warnings need a look at the addresses. */
  #report(looks: boolean): void {
    const reports = [...this.#routers.values()].map(({ report }) => report)
    const states = JSON.stringify(reports)
    if (!looks && this.#reported.startsWith(states)) return
    const warnings = [...this.#routers.values()].flatMap((router) => router.warnings)
    const whole = `${states}${JSON.stringify(warnings)}`
    if (whole !== this.#reported) this.#edges.report(reports, warnings)
    this.#reported = whole
  }
}

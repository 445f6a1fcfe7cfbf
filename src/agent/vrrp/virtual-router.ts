import { canonicalAddress, family } from "../../core/address.ts"
import { toFailure } from "../../core/failure.ts"
import type { VrrpState } from "../../model/agent-status.ts"
import type { AddressBook } from "./address-book.ts"
import type { RouterOrder } from "../decide/router-order.ts"
import {
  advertDestinations,
  isForRouter,
  isSameRouter,
  mayResume,
  mustLetGo,
  routerAddresses,
  routerSettings,
} from "../decide/router-order.ts"
import type { RouterAction, RouterEvent, RouterState, RouterStep } from "../decide/vrrp-machine.ts"
import { resumeMaster, routerDueMs, silentRouter, stepRouter } from "../decide/vrrp-machine.ts"
import type { LocalAddress } from "../kernel/addresses.ts"
import type { VrrpSocket } from "../kernel/vrrp-socket.ts"
import { encodeVrrp, vrrpGroups } from "../protocol/vrrp.ts"
import { parseVrrpFrame } from "../protocol/vrrp-frame.ts"
import type { RouterReport } from "../messages.ts"
import type { VrrpMemory } from "../store/vrrp-memory.ts"

/** The outside of a virtual router. */
export interface RouterEdges {
  readonly open: (interfaceName: string, source: string) => VrrpSocket
  readonly announce: (interfaceName: string, addresses: readonly string[]) => void
  readonly book: AddressBook
  readonly memory: Pick<VrrpMemory, "sentAtMs" | "markSent">
  /** Milliseconds since boot: a clock that all processes share and nobody sets. */
  readonly clock: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: (line: string) => void
}

/** One VRRP instance that the agent speaks for: its state machine, its socket, its addresses. */
export class VirtualRouter {
  readonly #edges: RouterEdges
  #order: RouterOrder
  #state: RouterState = silentRouter
  #sinceMs: number
  #socket: VrrpSocket | undefined
  #trouble = ""
  #complaint = ""
  #version2 = false

  constructor(order: RouterOrder, edges: RouterEdges) {
    this.#order = order
    this.#edges = edges
    this.#sinceMs = edges.now()
  }

  /** Readable when something was said. */
  get fd(): number | undefined {
    return this.#socket?.fd
  }

  /** When it is to be woken at the latest, on the clock. */
  get dueMs(): number | undefined {
    return routerDueMs(this.#state)
  }

  get report(): RouterReport {
    return {
      instance: this.#order.vrrp.instance,
      state: stateWords[this.#state.kind],
      sinceMs: this.#sinceMs,
    }
  }

  /** What is not as it should be, one line each. */
  get warnings(): readonly string[] {
    const { instance, interface: name } = this.#order.vrrp
    const foreign =
      this.#state.kind === "master"
        ? []
        : this.#edges.book.foreign(instance, name, routerAddresses(this.#order))
    return [
      ...(this.#trouble === "" ? [] : [`${instance}: ${this.#trouble}`]),
      ...foreign.map(
        (address) =>
          `${instance}: this host holds ${address}, which the agent did not add and will not remove; its peer may hold it too`,
      ),
    ]
  }

  /** Takes a new order; another virtual router to its peers starts anew. */
  update(order: RouterOrder): void {
    if (!isSameRouter(this.#order, order)) this.stop()
    this.#order = order
    if (this.#state.kind !== "master") return
    this.#act({ type: "acquire" })
    this.#act({ type: "announce" })
  }

  /** Hears what was said, and does what is due. What was said counts first: a router that was stopped must not take its peer for dead. */
  wake(held: readonly LocalAddress[]): void {
    if (mustLetGo(this.#order) || !this.#hasSource(held)) return this.stop()
    if (this.#socket === undefined && !this.#open()) return
    if (this.#state.kind === "init") this.#begin()
    this.#hear()
    this.#take({ type: "tick" })
  }

  /** A master adds again what somebody took from it. */
  mend(): void {
    if (this.#state.kind === "master") this.#act({ type: "acquire" })
  }

  /** Lets go of everything, and says so. */
  stop(): void {
    this.#take({ type: "shutdown" })
    this.#edges.book.letGo(this.#order.vrrp.instance)
    this.#socket?.close()
    this.#socket = undefined
  }

  #hasSource(held: readonly LocalAddress[]): boolean {
    const { interface: name, source } = this.#order.vrrp
    const wanted = canonicalAddress(source)
    return held.some(
      (local) => local.interface === name && canonicalAddress(local.address) === wanted,
    )
  }

  #open(): boolean {
    const { interface: name, source } = this.#order.vrrp
    try {
      this.#socket = this.#edges.open(name, source)
      this.#trouble = ""
      return true
    } catch (thrown) {
      this.#trouble = toFailure(thrown).message
      this.#edges.book.letGo(this.#order.vrrp.instance)
      return false
    }
  }

  /** As master where a former process was one a moment ago; else without the addresses that it left. */
  #begin(): void {
    const { instance } = this.#order.vrrp
    const nowMs = this.#edges.clock()
    const made = this.#edges.book.instances.includes(instance)
    if (made && mayResume(this.#order, this.#edges.memory.sentAtMs(instance), nowMs)) {
      this.#edges.log(`${instance}: goes on as master`)
      return this.#enter(resumeMaster(routerSettings(this.#order), nowMs))
    }
    this.#edges.book.letGo(instance)
    this.#take({ type: "startup" })
  }

  #hear(): void {
    for (const frame of this.#read()) {
      const heard = parseVrrpFrame(frame, this.#family)
      if (!heard.ok) {
        this.#complain(`a packet was refused: ${heard.error}`)
        continue
      }
      const { advert, source, destination } = heard.value
      const { virtualRouterId } = advert
      if (!isForRouter(this.#order, { virtualRouterId, source, destination }, this.#group)) continue
      if (advert.version === 2 && !this.#version2) {
        this.#version2 = true
        this.#complain(`${source} speaks VRRPv2: adverts go out in both versions`)
      }
      const { priority, advertIntervalMs } = advert
      this.#take({ type: "advert", priority, advertIntervalMs, source })
    }
  }

  /** A socket that is broken is left; the next waking opens another. */
  #read(): readonly Uint8Array[] {
    try {
      return this.#socket?.read() ?? []
    } catch (thrown) {
      this.#complain(toFailure(thrown).message)
      this.#socket?.close()
      this.#socket = undefined
      return []
    }
  }

  #take(event: RouterEvent): void {
    this.#enter(stepRouter(routerSettings(this.#order), this.#state, event, this.#edges.clock()))
  }

  #enter([state, actions]: RouterStep): void {
    const before = this.#state.kind
    this.#state = state
    if (before !== state.kind) {
      this.#sinceMs = this.#edges.now()
      const { instance } = this.#order.vrrp
      this.#edges.log(`${instance}: ${stateWords[before]} -> ${stateWords[state.kind]}`)
    }
    for (const action of actions) this.#act(action)
  }

  #act(action: RouterAction): void {
    const { instance, interface: name } = this.#order.vrrp
    switch (action.type) {
      case "send":
        return this.#send(action.priority)
      case "acquire":
        return this.#tell(this.#edges.book.hold(instance, name, routerAddresses(this.#order)))
      case "announce":
        return this.#announce()
      case "release":
        this.#remember(undefined)
        return this.#tell(this.#edges.book.letGo(instance))
      default:
        return action satisfies never
    }
  }

  #send(priority: number): void {
    const { source, anchor, virtualRouterId, advertIntervalMs } = this.#order.vrrp
    const advert = { virtualRouterId, priority, advertIntervalMs, addresses: [anchor] }
    const versions = this.#version2 && this.#family === 4 ? ([3, 2] as const) : ([3] as const)
    for (const destination of advertDestinations(this.#order, this.#group))
      for (const version of versions) {
        const payload = encodeVrrp({ ...advert, version }, { source, destination })
        const refused = this.#socket?.send(payload, destination)
        if (refused !== undefined) this.#complain(`an advert was not sent: ${refused}`)
      }
    this.#remember(priority === 0 ? undefined : this.#edges.clock())
  }

  #remember(sentAtMs: number | undefined): void {
    try {
      this.#edges.memory.markSent(this.#order.vrrp.instance, sentAtMs)
    } catch (thrown) {
      this.#complain(toFailure(thrown).message)
    }
  }

  #announce(): void {
    try {
      this.#edges.announce(this.#order.vrrp.interface, routerAddresses(this.#order))
    } catch (thrown) {
      this.#complain(toFailure(thrown).message)
    }
  }

  #tell(refused: readonly string[]): void {
    this.#trouble = refused.join("; ")
    if (refused.length > 0) this.#complain(this.#trouble)
  }

  /** The same words once in a row. */
  #complain(words: string): void {
    if (words !== this.#complaint) this.#edges.log(`${this.#order.vrrp.instance}: ${words}`)
    this.#complaint = words
  }

  get #group(): string {
    return vrrpGroups[this.#family]
  }

  get #family(): 4 | 6 {
    return family(this.#order.vrrp.source) === 6 ? 6 : 4
  }
}

const stateWords: Readonly<Record<RouterState["kind"], VrrpState>> = {
  init: "FAULT",
  backup: "BACKUP",
  master: "MASTER",
}

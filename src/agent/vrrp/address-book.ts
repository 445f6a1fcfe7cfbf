import { canonicalAddress } from "../../core/address.ts"
import { toFailure } from "../../core/failure.ts"
import type { LocalAddress } from "../kernel/addresses.ts"
import type { AddressOutcome } from "../kernel/interface-addresses.ts"
import type { MadeAddresses } from "../store/vrrp-memory.ts"

/** The outside of the address book. */
export interface AddressBookEdges {
  readonly held: () => readonly LocalAddress[]
  readonly change: (
    action: "add" | "remove",
    interfaceName: string,
    addresses: readonly string[],
  ) => AddressOutcome
  /** Keeps the record; throws when it cannot. */
  readonly save: (made: readonly MadeAddresses[]) => void
  readonly log: (line: string) => void
}

/** The addresses that the agent made for its instances: recorded before they are made, and no other is ever removed. */
export class AddressBook {
  readonly #edges: AddressBookEdges
  readonly #made: Map<string, MadeAddresses>

  constructor(edges: AddressBookEdges, made: readonly MadeAddresses[]) {
    this.#edges = edges
    this.#made = new Map(made.map((item) => [item.instance, item]))
  }

  /** The instances that addresses were made for. */
  get instances(): readonly string[] {
    return [...this.#made.keys()]
  }

  get made(): readonly MadeAddresses[] {
    return [...this.#made.values()]
  }

  /**
   * Has the interface hold these addresses for the instance, and none that it no longer wants: adds what is missing and removes what the
   * agent made before. Returns what the kernel refused, in words.
   */
  hold(instance: string, interfaceName: string, wanted: readonly string[]): readonly string[] {
    const before = this.#made.get(instance)
    if (before !== undefined && before.interface !== interfaceName) this.letGo(instance)
    const ours = new Set(this.#made.get(instance)?.addresses)
    const present = this.#present(interfaceName)
    const missing = wanted.filter((address) => !present.has(canonicalAddress(address)))
    const surplus = [...ours].filter((address) => !wanted.includes(address))
    if (missing.length === 0 && surplus.length === 0) return []
    this.#record(instance, interfaceName, [...ours, ...missing])
    const added = this.#change("add", interfaceName, missing)
    const removed = this.#change("remove", interfaceName, surplus)
    const gone = new Set([...removed.done, ...removed.already])
    const others = new Set(added.already.filter((address) => !ours.has(address)))
    const kept = [...ours, ...missing].filter(
      (address) => !gone.has(address) && !others.has(address),
    )
    this.#record(instance, interfaceName, kept)
    return [...added.refused, ...removed.refused]
  }

  /** Removes every address that was made for the instance; returns what the kernel refused. */
  letGo(instance: string): readonly string[] {
    const made = this.#made.get(instance)
    if (made === undefined) return []
    const { done, already, refused } = this.#change("remove", made.interface, made.addresses)
    const gone = new Set([...done, ...already])
    const left = made.addresses.filter((address) => !gone.has(address))
    this.#record(instance, made.interface, left)
    return refused
  }

  /** The wanted addresses that are on the interface and not of the agent's making. */
  foreign(instance: string, interfaceName: string, wanted: readonly string[]): readonly string[] {
    const ours = new Set(this.#made.get(instance)?.addresses)
    const present = this.#present(interfaceName)
    return wanted.filter((address) => present.has(canonicalAddress(address)) && !ours.has(address))
  }

  #present(interfaceName: string): ReadonlySet<string> {
    return new Set(
      this.#edges
        .held()
        .filter((local) => local.interface === interfaceName)
        .map(({ address }) => canonicalAddress(address)),
    )
  }

  /** An interface that is gone took its addresses along. */
  #change(
    action: "add" | "remove",
    interfaceName: string,
    addresses: readonly string[],
  ): AddressOutcome {
    if (addresses.length === 0) return { done: [], already: [], refused: [] }
    try {
      return this.#edges.change(action, interfaceName, addresses)
    } catch (thrown) {
      const { message } = toFailure(thrown)
      return action === "add"
        ? { done: [], already: [], refused: [message] }
        : { done: [], already: addresses, refused: [message] }
    }
  }

  #record(instance: string, interfaceName: string, addresses: readonly string[]): void {
    if (addresses.length === 0) this.#made.delete(instance)
    else
      this.#made.set(instance, {
        instance,
        interface: interfaceName,
        addresses: [...new Set(addresses)],
      })
    try {
      this.#edges.save(this.made)
    } catch (thrown) {
      this.#edges.log(`the record of VIPs was not written: ${toFailure(thrown).message}`)
    }
  }
}

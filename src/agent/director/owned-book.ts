import { toFailure } from "../../core/failure.ts"
import { type Aside, isAside } from "../store/salvage.ts"
import type { AgentStore } from "../store/store.ts"

/** The services the agent made or adopted, by serviceName: on disk before they are made. */
export class OwnedBook {
  readonly #store: Pick<AgentStore, "owned" | "saveOwned">
  readonly #log: (line: string) => void
  #names: ReadonlySet<string>
  #removable: ReadonlySet<string> | undefined
  #aside: Aside = new Set()

  constructor(store: Pick<AgentStore, "owned" | "saveOwned">, log: (line: string) => void) {
    this.#store = store
    this.#log = log
    this.#names = new Set(store.owned().services)
  }

  get names(): ReadonlySet<string> {
    return this.#names
  }

  /** Those the agent may remove where the definition does not name them. */
  get removable(): ReadonlySet<string> {
    this.#removable ??= new Set([...this.#names].filter((name) => !isAside(this.#aside, name)))
    return this.#removable
  }

  /**
   * What keepalived programs from now on is not the agent's. Once it is to program nothing, all that it had becomes the
   * agent's: its checker is ended without clearing up (`lbagent reload-keepalived`), and who else would take out a
   * service that nobody wants any more? Throws when the disk refuses.
   */
  leaveTo(keepalived: ReadonlySet<string>): void {
    const { keepalived: before = [], ...record } = this.#store.owned()
    const own = [...this.#names].filter((name) => !keepalived.has(name))
    const names = new Set(keepalived.size === 0 ? [...own, ...before] : own)
    if (sameSet(keepalived, new Set(before)) && sameSet(names, this.#names)) return
    const theirs = keepalived.size === 0 ? {} : { keepalived: [...keepalived].sort() }
    this.#store.saveOwned({ ...record, services: [...names].sort(), ...theirs })
    this.#hold(names)
  }

  /** From now on these, of which the definition cannot be read, stay in the kernel and in this book. */
  setAside(aside: Aside): void {
    this.#aside = aside
    this.#removable = undefined
  }

  /** Before services are made: throws when the disk refuses, and then nothing may be made. */
  add(names: readonly string[]): void {
    this.#record(new Set([...this.#names, ...names]))
  }

  /** After services are gone: to own too many on disk does no harm. */
  keepOnly(names: ReadonlySet<string>): void {
    const kept = new Set(
      [...this.#names].filter((name) => names.has(name) || isAside(this.#aside, name)),
    )
    try {
      this.#record(kept)
    } catch (thrown) {
      this.#log(`the record of owned services was not written: ${toFailure(thrown).message}`)
      this.#hold(kept)
    }
  }

  #record(names: ReadonlySet<string>): void {
    if (sameSet(names, this.#names)) return
    this.#store.saveOwned({ ...this.#store.owned(), services: [...names].sort() })
    this.#hold(names)
  }

  #hold(names: ReadonlySet<string>): void {
    this.#names = names
    this.#removable = undefined
  }
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
}

import { toFailure } from "../core/failure.ts"
import type { AgentStore } from "./store/store.ts"

/** The services the agent made or adopted, by serviceName: on disk before they are made. */
export class OwnedBook {
  readonly #store: Pick<AgentStore, "owned" | "saveOwned">
  readonly #log: (line: string) => void
  #names: ReadonlySet<string>

  constructor(store: Pick<AgentStore, "owned" | "saveOwned">, log: (line: string) => void) {
    this.#store = store
    this.#log = log
    this.#names = new Set(store.owned().services)
  }

  get names(): ReadonlySet<string> {
    return this.#names
  }

  /** Before services are made: throws when the disk refuses, and then nothing may be made. */
  add(names: readonly string[]): void {
    this.#record(new Set([...this.#names, ...names]))
  }

  /** After services are gone: to own too many on disk does no harm. */
  keepOnly(names: ReadonlySet<string>): void {
    try {
      this.#record(names)
    } catch (thrown) {
      this.#log(`the record of owned services was not written: ${toFailure(thrown).message}`)
      this.#names = names
    }
  }

  #record(names: ReadonlySet<string>): void {
    if (sameSet(names, this.#names)) return
    this.#store.saveOwned({ ...this.#store.owned(), services: [...names].sort() })
    this.#names = names
  }
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
}

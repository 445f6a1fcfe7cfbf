import { toFailure } from "../../core/failure.ts"
import type { Drain } from "../decide/drain.ts"
import { nameOf } from "../decide/drain.ts"
import { resumedDrains } from "../store/drains.ts"
import type { AgentStore } from "../store/store.ts"

/** The drains under way, on disk so that a new process does not give them their time anew. A disk that refuses costs only that. */
export class DrainBook {
  readonly #store: Pick<AgentStore, "drains" | "saveDrains">
  readonly #log: (line: string) => void
  #all: readonly Drain[]
  #kept: string

  constructor(
    store: Pick<AgentStore, "drains" | "saveDrains">,
    log: (line: string) => void,
    nowMs: number,
  ) {
    this.#store = store
    this.#log = log
    this.#all = resumedDrains(store.drains(), nowMs)
    this.#kept = namesOf(this.#all)
  }

  get all(): readonly Drain[] {
    return this.#all
  }

  /** The drains from now on; kept on disk when one began or ended. */
  set(drains: readonly Drain[]): void {
    this.#all = drains
    const names = namesOf(drains)
    if (names === this.#kept) return
    this.#kept = names
    try {
      this.#store.saveDrains(drains)
    } catch (thrown) {
      this.#log(`drains were not kept on disk: ${toFailure(thrown).message}`)
    }
  }
}

function namesOf(drains: readonly Drain[]): string {
  return drains.map((drain) => `${nameOf(drain)} ${drain.untilMs}`).join("\n")
}

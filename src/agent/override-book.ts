import type { Override } from "../model/agent-status.ts"
import type { AgentStore } from "./store/store.ts"

/** The overrides in force, on disk before they count. Every change throws when the disk refuses, and then changes nothing. */
export class OverrideBook {
  readonly #store: Pick<AgentStore, "overrides" | "saveOverrides">
  #all: readonly Override[]

  constructor(store: Pick<AgentStore, "overrides" | "saveOverrides">) {
    this.#store = store
    this.#all = store.overrides()
  }

  get all(): readonly Override[] {
    return this.#all
  }

  /** Sets an override; one for the same host and service is replaced. */
  set(override: Override): void {
    this.#keep([...this.#without(override.host, override.service), override])
  }

  /** Lifts all overrides of a host, or the one of a host's service; false when there is none. */
  lift(host: string, service: string | undefined): boolean {
    return this.#shrink(
      service === undefined
        ? this.#all.filter((override) => override.host !== host)
        : this.#without(host, service),
    )
  }

  /** Drops what expired; false when nothing did. `now` is ISO 8601 in UTC. */
  expire(now: string): boolean {
    return this.#shrink(this.#all.filter(({ expires }) => expires === undefined || expires > now))
  }

  #without(host: string, service: string | undefined): Override[] {
    return this.#all.filter((override) => override.host !== host || override.service !== service)
  }

  #shrink(rest: readonly Override[]): boolean {
    if (rest.length === this.#all.length) return false
    this.#keep(rest)
    return true
  }

  #keep(overrides: readonly Override[]): void {
    this.#store.saveOverrides(overrides)
    this.#all = overrides
  }
}

import type { AgentProcess } from "../model/agent-status.ts"
import type { StateChange } from "../model/state-change.ts"

/** What the watchdog tells of its children; a restart is a change of state. */
export class ProcessBook {
  readonly #note: (change: StateChange) => void
  #all: readonly AgentProcess[] = []

  constructor(note: (change: StateChange) => void) {
    this.#note = note
  }

  get all(): readonly AgentProcess[] {
    return this.#all
  }

  /** Takes in the watchdog's list. The first one after a start tells of the start itself, and of nothing before it. */
  take(processes: readonly AgentProcess[]): void {
    for (const { name, restarts, since, lastEnd } of processes) {
      const before = this.#all.find((other) => other.name === name)?.restarts
      const own = before === undefined && name === "engine" && restarts > 0
      if (own || (before !== undefined && restarts > before))
        this.#note({
          at: since,
          kind: "process",
          name,
          from: "ended",
          to: "restarted",
          message: lastEnd ?? "",
        })
    }
    this.#all = processes
  }
}

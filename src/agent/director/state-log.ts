import type { StateChange } from "../../model/state-change.ts"

type Subject = Pick<StateChange, "kind" | "name" | "server">

/** So many changes are remembered; what is older is in the journal. */
const remembered = 50

/** What changed since the process started: the last changes, and how often each thing did. */
export class StateLog {
  readonly #tell: (change: StateChange) => void
  #last: readonly StateChange[] = []
  readonly #counts = new Map<string, { count: number; at: string }>()

  /** `tell` takes every change as it comes. */
  constructor(tell: (change: StateChange) => void) {
    this.#tell = tell
  }

  /** Takes in a change. */
  note(change: StateChange): void {
    const key = keyOf(change)
    const count = (this.#counts.get(key)?.count ?? 0) + 1
    this.#counts.set(key, { count, at: change.at })
    this.#last = [...this.#last, change].slice(-remembered)
    this.#tell(change)
  }

  /** The last changes, oldest first. */
  get last(): readonly StateChange[] {
    return this.#last
  }

  /** How often something changed. */
  count(subject: Subject): number {
    return this.#counts.get(keyOf(subject))?.count ?? 0
  }

  /** When it changed last; undefined: not since the process started. */
  since(subject: Subject): string | undefined {
    return this.#counts.get(keyOf(subject))?.at
  }
}

function keyOf({ kind, name, server = "" }: Subject): string {
  return `${kind} ${name} ${server}`
}

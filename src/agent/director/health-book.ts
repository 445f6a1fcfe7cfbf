import { toFailure } from "../../core/failure.ts"
import type { HealthReport } from "../messages.ts"
import { freshHealth } from "../store/health.ts"
import type { AgentStore } from "../store/store.ts"

/** Changes are kept at most this often: a flapping server shall not wear a disk out. */
const leastPauseMs = 1000
/** Without changes it is kept anew so often: the file tells until when it was true. */
const mostPauseMs = 60_000

/** What is known of the real servers, on disk so that a new process does not begin blind. A disk that refuses costs only that. */
export class HealthBook {
  readonly #store: Pick<AgentStore, "health" | "saveHealth">
  readonly #log: (line: string) => void
  readonly #known: Map<string, HealthReport>
  #changed = false
  #keptMs = 0
  #complaint = ""

  constructor(
    store: Pick<AgentStore, "health" | "saveHealth">,
    log: (line: string) => void,
    nowMs: number,
  ) {
    this.#store = store
    this.#log = log
    this.#known = new Map(freshHealth(store.health(), nowMs).map((report) => [report.key, report]))
  }

  /** By `serverKey`. */
  get known(): ReadonlyMap<string, HealthReport> {
    return this.#known
  }

  set(report: HealthReport): void {
    this.#known.set(report.key, report)
    this.#changed = true
  }

  /** Forgets all servers but these. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key)
    this.#changed = true
  }

  /** Once a second: keeps on disk what is due. */
  tick(nowMs: number): void {
    // A clock that was set back must not stop it.
    const pauseMs = Math.abs(nowMs - this.#keptMs)
    if (pauseMs < (this.#changed ? leastPauseMs : mostPauseMs)) return
    this.#changed = false
    this.#keptMs = nowMs
    try {
      const servers = [...this.#known.values()].filter(({ state }) => state !== "unknown")
      this.#store.saveHealth({ format: 1, keptMs: nowMs, servers })
      this.#complaint = ""
    } catch (thrown) {
      this.#complain(toFailure(thrown).message)
    }
  }

  #complain(message: string): void {
    if (message !== this.#complaint) this.#log(`health was not kept on disk: ${message}`)
    this.#complaint = message
  }
}

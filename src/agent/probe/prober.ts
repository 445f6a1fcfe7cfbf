import type { HealthMemory, Outcome } from "../decide/health.ts"
import { nextCheckMs, rememberedServer, stepHealth, unaskedServer } from "../decide/health.ts"
import { jittered } from "../decide/jitter.ts"
import type { Lateness } from "../decide/lateness.ts"
import { latenessClass, noLateness } from "../decide/lateness.ts"
import type { CheckTarget } from "../decide/targets.ts"
import type { HealthReport, TargetMessage } from "../messages.ts"
import { DueQueue } from "./due-queue.ts"

/** The outside of the prober. */
export interface ProberEdges {
  readonly probe: (target: CheckTarget) => Promise<Outcome>
  readonly report: (reports: readonly HealthReport[]) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds on a clock that nobody sets: what checks are due by. */
  readonly clock: () => number
  /** How many checks may be under way at once: each holds a file descriptor. */
  readonly mostAtOnce: number
}

interface Watch {
  target: CheckTarget
  memory: HealthMemory
  round: number
  /** A newer target, or none, makes checks under way worthless. */
  epoch: number
}

/** Checks that are begun without a look at anything else: what makes thousands due at once shall not delay answers. */
const mostInARow = 50
/** First checks of a new set begin this far apart, so that a thousand servers are not asked in one instant. */
const staggerMs = 1
const togetherMs = 100

/** Asks every target in its rhythm, on one timer, and reports changes. */
export class Prober {
  readonly #edges: ProberEdges
  readonly #watches = new Map<string, Watch>()
  #queue = new DueQueue<{ key: string; epoch: number }>()
  #timer: NodeJS.Timeout | undefined
  /** When the timer runs out. */
  #wakeMs = Number.POSITIVE_INFINITY
  #lateness = noLateness()
  readonly #pending = new Map<string, HealthReport>()
  #flush: NodeJS.Timeout | undefined
  #running = 0
  #epoch = 0

  constructor(edges: ProberEdges) {
    this.#edges = edges
  }

  /** The whole set of targets from now on. What is known of those that stay is kept, and all that is known is reported. */
  setTargets(messages: readonly TargetMessage[]): void {
    const nowMs = this.#edges.clock()
    const wanted = new Set(messages.map(({ target }) => target.key))
    for (const key of this.#watches.keys()) if (!wanted.has(key)) this.#watches.delete(key)
    let fresh = 0
    for (const message of messages) if (this.#take(message, nowMs + fresh * staggerMs)) fresh++
    this.#pending.clear()
    this.#edges.report([...this.#watches.values()].filter(isKnown).map(toReport))
    this.#wake()
  }

  /** Stops asking. */
  stop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#flush)
    this.#watches.clear()
    this.#queue = new DueQueue()
  }

  #take(message: TargetMessage, dueMs: number): boolean {
    const { target } = message
    const watch = this.#watches.get(target.key)
    if (watch !== undefined && JSON.stringify(watch.target) === JSON.stringify(target)) return false
    const memory = watch?.memory ?? firstMemory(message, this.#edges.now())
    const epoch = ++this.#epoch
    this.#watches.set(target.key, { target, memory, round: watch?.round ?? 0, epoch })
    this.#queue.push(dueMs, { key: target.key, epoch })
    return true
  }

  /** How late checks began since this was last asked. */
  takeLateness(): Lateness {
    const taken = this.#lateness
    this.#lateness = noLateness()
    return taken
  }

  /** Sees to it that the timer runs out when the next check is due; most often it does already. */
  #wake(): void {
    const nextMs = this.#queue.nextMs
    if (nextMs === undefined || nextMs >= this.#wakeMs) return
    if (this.#running >= this.#edges.mostAtOnce) return
    clearTimeout(this.#timer)
    this.#wakeMs = nextMs
    const pauseMs = Math.max(0, nextMs - this.#edges.clock())
    this.#timer = setTimeout(() => {
      this.#wakeMs = Number.POSITIVE_INFINITY
      this.#runDue()
    }, pauseMs)
  }

  #runDue(): void {
    const nowMs = this.#edges.clock()
    for (let begun = 0; begun < mostInARow && this.#running < this.#edges.mostAtOnce;) {
      const due = this.#queue.pop(nowMs)
      if (due === undefined) break
      const watch = this.#watches.get(due.item.key)
      if (watch?.epoch !== due.item.epoch) continue
      this.#count(nowMs - due.dueMs)
      begun++
      void this.#ask(watch, due.item.epoch)
    }
    this.#wake()
  }

  #count(lateMs: number): void {
    const index = latenessClass(lateMs)
    this.#lateness[index] = (this.#lateness[index] ?? 0) + 1
  }

  /** Changes that come together go together: each report makes the engine think its whole table over. */
  #tell(report: HealthReport): void {
    this.#pending.set(report.key, report)
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined
      const reports = [...this.#pending.values()]
      this.#pending.clear()
      this.#edges.report(reports)
    }, togetherMs)
  }

  async #ask(watch: Watch, epoch: number): Promise<void> {
    this.#running++
    const outcome = await this.#edges.probe(watch.target)
    this.#running--
    const { target } = watch
    if (this.#watches.get(target.key) === watch) {
      const nowMs = this.#edges.now()
      const before = watch.memory
      watch.memory = stepHealth(before, outcome, target.check, nowMs)
      watch.round++
      if (isNews(before, watch.memory)) this.#tell(toReport(watch))
      const pauseMs = jittered(nextCheckMs(watch.memory, target.check), target.key, watch.round)
      this.#queue.push(this.#edges.clock() + pauseMs, { key: target.key, epoch })
    }
    this.#wake()
  }
}

function firstMemory({ target, known }: TargetMessage, nowMs: number): HealthMemory {
  return known.state === "unknown"
    ? unaskedServer(known.pooled, nowMs, target.initial)
    : rememberedServer(known.state, known.message, known.sinceMs, known)
}

function isKnown({ memory }: Watch): boolean {
  return memory.state !== "unknown"
}

function isNews(before: HealthMemory, after: HealthMemory): boolean {
  return (
    before.state !== after.state ||
    before.message !== after.message ||
    before.weight !== after.weight
  )
}

function toReport({ target, memory }: Watch): HealthReport {
  const { state, message, sinceMs, lastUpMs, joinedMs, weight } = memory
  return {
    key: target.key,
    state,
    message,
    sinceMs,
    ...(lastUpMs === undefined ? {} : { lastUpMs }),
    ...(joinedMs === undefined ? {} : { joinedMs }),
    ...(weight === undefined ? {} : { weight }),
  }
}

/** How often a piece of work has its turn. */
export interface Pace {
  readonly leastMs: number
  /** The work may take one part in so many of the time: what took long comes less often. */
  readonly share: number
}

/** Work that reads the kernel's whole table: its pace follows what it costs, so that a large table starves nothing else. */
export class Turn {
  readonly #now: () => number
  readonly #pace: Pace
  #nextMs = 0

  /** `now` in milliseconds. */
  constructor(now: () => number, pace: Pace) {
    this.#now = now
    this.#pace = pace
  }

  /** Does the work when its turn has come. */
  take(nowMs: number, work: () => void): void {
    if (nowMs < this.#nextMs) return
    const { leastMs, share } = this.#pace
    try {
      work()
    } finally {
      this.#nextMs = nowMs + Math.max(leastMs, (this.#now() - nowMs) * share)
    }
  }
}

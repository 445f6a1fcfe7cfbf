import { formatDuration } from "../../core/duration.ts"

/** The time one check has for everything it does. */
export class Deadline {
  readonly #timeoutMs: number
  readonly #endMs: number

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#endMs = performance.now() + timeoutMs
  }

  /** What is left, for a timer: at least 1 ms. */
  get leftMs(): number {
    return Math.max(1, this.#endMs - performance.now())
  }

  /** Words for an answer that did not come in time. */
  get silence(): string {
    return `no answer within ${formatDuration(this.#timeoutMs)}`
  }

  /** Words for a connection that was not made in time. */
  get noConnection(): string {
    return `timed out after ${formatDuration(this.#timeoutMs)}`
  }
}

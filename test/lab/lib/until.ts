import { setTimeout as sleep } from "node:timers/promises"
import { formatDuration } from "../../../src/core/duration.ts"

export interface UntilOptions {
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds between two attempts; 100 by default. */
  readonly interval?: number
  /** More to show when the time runs out. */
  readonly detail?: () => string
}

/** Tries until `attempt` gives something else than undefined or false; rejects when the time runs out. */
export async function until<T>(
  what: string,
  options: UntilOptions,
  attempt: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + options.timeout
  for (;;) {
    const value = await attempt()
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>
    if (Date.now() > deadline) {
      const detail = options.detail === undefined ? "" : `\n${options.detail()}`
      throw new Error(`waited ${formatDuration(options.timeout)} in vain: ${what}${detail}`)
    }
    await sleep(options.interval ?? 100)
  }
}

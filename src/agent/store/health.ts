import { list, object, oneOf, parseShape, text, whole } from "../../core/shape.ts"
import type { HealthReport } from "../messages.ts"

/** What was known of the real servers when it was last kept. */
export interface KeptHealth {
  readonly format: 1
  /** Milliseconds since 1970. */
  readonly keptMs: number
  readonly servers: readonly HealthReport[]
}

/** Older than this it tells nothing: long enough for any restart of the agent, short enough that a server is still what it was. */
const mostAgeMs = 5 * 60_000

/** What the largest exit code says. */
const mostTold = 253
const instant = whole(0, Number.MAX_SAFE_INTEGER)
const kept = object<KeptHealth>({
  format: oneOf(1),
  keptMs: instant,
  servers: list(
    object<HealthReport>(
      {
        key: text(),
        state: oneOf("up", "down"),
        message: text(),
        sinceMs: instant,
        lastUpMs: instant,
        joinedMs: instant,
        weight: whole(0, mostTold),
      },
      ["lastUpMs", "joinedMs", "weight"],
    ),
  ),
})

/** Kept health from the text of its file; undefined when it is damaged. */
export function parseHealth(file: string): KeptHealth | undefined {
  return parseShape(kept, file) as KeptHealth | undefined
}

/** The servers' health where it is not too old, and not from a future that a set clock made. */
export function freshHealth(
  health: KeptHealth | undefined,
  nowMs: number,
): readonly HealthReport[] {
  if (health === undefined) return []
  const ageMs = nowMs - health.keptMs
  return ageMs >= 0 && ageMs <= mostAgeMs ? health.servers : []
}

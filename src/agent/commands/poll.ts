import { setTimeout as sleep } from "node:timers/promises"

/** Looks twice a second until nothing is left or the time is over; returns what was left. */
export async function pollUntilNone<T>(
  look: () => Promise<readonly T[]>,
  timeoutMs: number,
): Promise<readonly T[]> {
  for (const beganMs = performance.now(); ; await sleep(500)) {
    const left = await look()
    if (left.length === 0 || performance.now() - beganMs >= timeoutMs) return left
  }
}

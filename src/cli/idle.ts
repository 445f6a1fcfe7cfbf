import { setTimeout as sleep } from "node:timers/promises"
import { look } from "./look.ts"
import type { Definition } from "./pipeline.ts"
import { backendRows } from "./tables.ts"

const pollMs = 1000

/**
 * Waits until a real server (`HOST` or `HOST:SERVICE`) has no active connection on any of the directors.
 * Returns a line for each that still has some, or could not be asked, when the time is over.
 */
export async function awaitIdle(
  definition: Definition,
  directors: ReadonlySet<string>,
  target: string,
  timeoutMs: number,
): Promise<string[]> {
  const [host, service] = target.split(":")
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const seen = await look(definition, directors, true)
    const busy = [
      ...seen.flatMap(({ view, error }) => (error === undefined ? [] : [`${view.host}: ${error}`])),
      ...backendRows(seen)
        .filter(
          (row) =>
            row.host === host && (service === undefined || row.name === service) && row.active > 0,
        )
        .map(
          (row) =>
            `${row.director}: ${row.service} still has ${row.active} active connections to ${row.server}`,
        ),
    ]
    if (busy.length === 0 || performance.now() > deadline) return busy
    await sleep(pollMs)
  }
}

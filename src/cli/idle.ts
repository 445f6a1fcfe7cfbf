import { setTimeout as sleep } from "node:timers/promises"
import type { OverrideScope } from "../model/override.ts"
import { scopeName } from "../model/override.ts"
import { covers } from "../plan/overrides.ts"
import { look } from "./look.ts"
import { complain } from "./output.ts"
import type { Definition } from "./pipeline.ts"
import { backendRows, type BackendRow } from "./tables.ts"

const pollMs = 1000
/** How far it is is told this often at most. */
const tellMs = 5000

/**
 * Waits until whom a drain concerns has no active connection on any of the directors, and tells how many are left.
 * Returns a line for each that still has some, or could not be asked, when the time is over.
 */
export async function awaitIdle(
  definition: Definition,
  directors: ReadonlySet<string>,
  target: OverrideScope,
  timeoutMs: number,
): Promise<string[]> {
  const deadline = performance.now() + timeoutMs
  for (let [told, toldAt] = ["", -Infinity]; ; await sleep(pollMs)) {
    const seen = await look(definition, directors, true)
    const rows = busyRows(backendRows(seen), target)
    const silent = seen.flatMap(({ view, error }) =>
      error === undefined ? [] : [`${view.host}: ${error}`],
    )
    const busy = [...silent, ...rows.map(busyWords)]
    if (busy.length === 0 || performance.now() > deadline) return busy
    const words = progressWords(target, rows)
    if (words === told || performance.now() - toldAt < tellMs) continue
    complain(words)
    told = words
    toldAt = performance.now()
  }
}

/** How many connections are left, and where: `rs3: 12 active connections left (lb1 8, lb2 4)`. */
export function progressWords(target: OverrideScope, rows: readonly BackendRow[]): string {
  const directors = [...new Set(rows.map(({ director }) => director))]
  const sum = (some: readonly BackendRow[]) => some.reduce((total, { active }) => total + active, 0)
  const each = directors.map(
    (director) => `${director} ${sum(rows.filter((row) => row.director === director))}`,
  )
  const where = each.length === 0 ? "" : ` (${each.join(", ")})`
  return `${scopeName(target)}: ${sum(rows)} active connections left${where}`
}

function busyRows(rows: readonly BackendRow[], target: OverrideScope): BackendRow[] {
  return rows.filter(
    ({ host, name, active }) => covers(target, { host, service: name }) && active > 0,
  )
}

function busyWords({ director, service, active, server }: BackendRow): string {
  return `${director}: ${service} still has ${active} active connections to ${server}`
}

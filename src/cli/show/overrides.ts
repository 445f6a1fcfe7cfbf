import { table } from "../../core/text.ts"
import type { Override } from "../../model/override.ts"
import { actionWords, scopeWord } from "../../model/override.ts"
import { mergeRecords, missingRecords } from "../../plan/override-records.ts"
import { named, type Shown } from "./subject.ts"
import type { Seen } from "../tables.ts"

/** An override in force, and which of the directors that were asked have it. */
export interface OverrideRow extends Override {
  readonly directors: readonly string[]
}

/** Every override that stands on some director, the newest of each action and target. */
export function overrideRows(seen: readonly Seen[]): OverrideRow[] {
  const books = seen.flatMap(({ view, observed }) => {
    const agent = observed?.agent
    return agent === undefined ? [] : [{ director: view.host, agent }]
  })
  const records = mergeRecords(
    ...books.map(({ agent }) => [...agent.overrides, ...(agent.pastOverrides ?? [])]),
  )
  return records
    .map((record) => ({
      ...record,
      directors: books
        .filter(({ agent }) => missingRecords(agent.overrides, [record]).length === 0)
        .map(({ director }) => director),
    }))
    .filter(({ lifted, directors }) => lifted === undefined && directors.length > 0)
}

/** What operators set; with a name what they set for targets that begin so. */
export function overridesShown(rows: readonly OverrideRow[], name: string | undefined): Shown {
  const found = named(rows, scopeWord, name) ?? []
  return { json: found, text: overridesTable(found) }
}

/** `show overrides` for people. */
export function overridesTable(rows: readonly OverrideRow[]): string {
  if (rows.length === 0) return "No overrides."
  return table([
    ["TARGET", "IS", "BY", "SINCE", "UNTIL", "ON", "REASON"],
    ...rows.map((row) => [
      scopeWord(row),
      actionWords(row),
      row.by,
      minute(row.since),
      row.expires === undefined ? "-" : minute(row.expires),
      row.directors.join(","),
      row.reason ?? "-",
    ]),
  ])
}

/** To the minute; `--json` has milliseconds. */
function minute(instant: string): string {
  return `${instant.slice(0, 16)}Z`
}

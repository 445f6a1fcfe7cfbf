import type { HistoryEntry, RecordedChange } from "../model/history.ts"
import type { Change } from "../model/plan.ts"
import type { Who } from "./who.ts"
import { oneLine, oneWord } from "./shell.ts"

/** So many changes of an activation are told in its entry; a host's file of entries is kept below a few megabytes. */
const recordedChanges = 40
const subjectLength = 160

/**
 * The file `record` of a stage: the beginning of its line in history.jsonl, a JSON object without its end, which the node
 * script adds: transaction, result, steps and time.
 */
export function recordText(release: string, changes: readonly Change[], who: Who): string {
  const record = {
    run: oneWord(who.run),
    what: oneWord(who.what),
    release,
    by: oneLine(who.by),
    from: oneWord(who.from),
    since: oneWord(who.since),
    ...(who.commit === undefined ? {} : { commit: oneLine(who.commit) }),
    changed: changes.length,
    changes: changes.slice(0, recordedChanges).map(recorded),
  }
  return `${JSON.stringify(record).slice(0, -1)}\n`
}

function recorded({ kind, action, subject }: Change): RecordedChange {
  return { kind, action, subject: subject.slice(0, subjectLength) }
}

/** What a host tells of its past: `historyCommand`. */
export interface NodePast {
  /** The confirmed release. */
  readonly current?: string
  /** Releases it keeps. */
  readonly releases: readonly string[]
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[]
}

/** The answer to `historyCommand`; undefined when it was cut off. Lines that are no entry of ours are left out. */
export function parseHistory(text: string): NodePast | undefined {
  const lines = text.split("\n")
  const end = lines.indexOf("end")
  if (end < 0) return undefined
  const told = (word: string) =>
    lines
      .slice(0, end)
      .flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const [current] = told("current")
  return {
    ...(current === undefined ? {} : { current }),
    releases: told("release"),
    entries: lines.slice(0, end).flatMap((line) => parseEntry(line) ?? []),
  }
}

/** One line of history.jsonl; a crash may have cut the last one short. */
function parseEntry(line: string): HistoryEntry | undefined {
  if (!line.startsWith("{")) return undefined
  try {
    const value = JSON.parse(line) as Partial<HistoryEntry>
    const { release, by, from, since, transaction, result, at } = value
    const texts = [release, by, from, since, transaction, result, at]
    if (!texts.every((text) => typeof text === "string")) return undefined
    return {
      ...(value as HistoryEntry),
      run: typeof value.run === "string" ? value.run : `${since}`,
      steps: value.steps ?? {},
      changes: Array.isArray(value.changes) ? value.changes : [],
    }
  } catch {
    return undefined
  }
}

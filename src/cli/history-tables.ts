import { formatDuration } from "../core/duration.ts"
import { groupBy } from "../core/group.ts"
import { compareText, plural, table } from "../core/text.ts"
import type { HistoryEntry } from "../model/history.ts"
import type { NodePast } from "../wire/history.ts"

/** An entry of one host. */
export interface HostEntry extends HistoryEntry {
  readonly host: string
}

/** One run of lbctl over all hosts it touched. */
export interface Run {
  readonly run: string
  readonly what: string
  readonly by: string
  readonly from: string
  readonly since: string
  readonly commit?: string
  /** In the order they ended on their hosts. */
  readonly entries: readonly HostEntry[]
}

/** Lines of a table fit this many columns. */
const width = 80

/** The runs that the hosts remember, newest first; one apply over many hosts is one run. */
export function runsOf(pasts: ReadonlyMap<string, NodePast>): Run[] {
  const entries = [...pasts].flatMap(([host, past]) =>
    past.entries.map((entry): HostEntry => ({ host, ...entry })),
  )
  const runs = groupBy(entries, (entry) => entry.run)
  return [...runs]
    .flatMap(([run, own]): Run[] => {
      const [first] = own
      if (first === undefined) return []
      const { what = "apply", by, from, since, commit } = first
      const named = commit === undefined ? {} : { commit }
      return [{ run, what, by, from, since, ...named, entries: lastOfEach(own) }]
    })
    .sort((a, b) => compareText(b.since, a.since) || compareText(a.run, b.run))
}

/** A node that was killed while it wrote may have written an end twice: the last line counts. */
function lastOfEach(entries: readonly HostEntry[]): HostEntry[] {
  const key = ({ host, transaction }: HostEntry) => `${host} ${transaction}`
  return [...new Map(entries.map((entry) => [key(entry), entry])).values()].sort(
    (a, b) => compareText(a.at, b.at) || compareText(a.host, b.host),
  )
}

/** One line a run. */
export function runTable(runs: readonly Run[]): string {
  const rows = [
    ["RUN", "SINCE (UTC)", "WHO", "WHAT", "RESULT"],
    ...runs.map((run) => [
      run.run.slice(0, 12),
      shortTime(run.since),
      `${run.by}@${run.from}`.slice(0, 20),
      run.what,
      results(run.entries),
    ]),
  ]
  const lines = table(rows.map((row) => [...row, ""])).split("\n")
  const left = Math.max(
    ...table(rows)
      .split("\n")
      .map((line) => line.length),
  )
  const hosts = ["HOSTS", ...runs.map((run) => hostList(run, Math.max(8, width - left - 2)))]
  return lines.map((line, index) => `${line.padEnd(left)}  ${hosts[index] ?? ""}`).join("\n")
}

/** What each host runs now. */
export function releaseTable(pasts: ReadonlyMap<string, NodePast>): string {
  return table([
    ["HOST", "RELEASE NOW", "SINCE RUN"],
    ...[...pasts].map(([host, { current, entries }]) => {
      const entry = entries.findLast(
        ({ release, result }) => release === current && result === "confirmed",
      )
      return [host, current?.slice(0, 12) ?? "none", entry?.run ?? "-"]
    }),
  ])
}

/** Everything about one run: by host what changed, how long each step took, how it ended. */
export function runText(run: Run): string {
  const head = [
    `run ${run.run}: ${run.what} by ${run.by} from ${run.from} since ${run.since}`,
    ...(run.commit === undefined ? [] : [`commit ${run.commit}`]),
  ]
  return [...head, ...run.entries.flatMap(entryLines)].join("\n")
}

function entryLines(entry: HostEntry): string[] {
  const { host, release, result, why, changed = 0, changes, at } = entry
  const steps = Object.entries(entry.steps).map(([step, ms]) => `${step} ${formatDuration(ms)}`)
  const more = changed - changes.length
  return [
    "",
    `${host}: ${result}${why === undefined ? "" : ` (${why})`}, release ${release.slice(0, 12)}`,
    `  ${[...steps, `ended ${at}`].join(", ")}`,
    ...changes.map(({ kind, action, subject }) => `  ${action} ${kind} ${subject}`),
    ...(more > 0 ? [`  and ${plural(more, "more change")}`] : []),
  ]
}

function results(entries: readonly HostEntry[]): string {
  const counts = groupBy(entries, (entry) => entry.result)
  if (counts.size === 1) return entries[0]?.result ?? ""
  return [...counts].map(([result, own]) => `${own.length} ${result}`).join(", ")
}

function hostList({ entries }: Run, room: number): string {
  const hosts = [...new Set(entries.map((entry) => entry.host))].sort(compareText)
  const all = hosts.join(", ")
  return all.length <= room ? all : plural(hosts.length, "host")
}

/** `2026-01-02 03:04` of an ISO 8601 time. */
function shortTime(time: string): string {
  return time.slice(0, 16).replace("T", " ")
}

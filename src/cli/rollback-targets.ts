import { Failure } from "../core/failure.ts"
import type { HistoryEntry } from "../model/history.ts"
import type { NodePast } from "../wire/history.ts"

/** The release one host is to go back to. */
export interface Target {
  readonly host: string
  readonly release: string
  /** When the host confirmed it, and in which run. */
  readonly entry: HistoryEntry
}

/** Where a rollback leads. */
export interface Targets {
  readonly targets: readonly Target[]
  /** Hosts that stay as they are, and why. */
  readonly staying: readonly { readonly host: string; readonly message: string }[]
  /** Hosts that remember the release and do not keep it any more. */
  readonly lost: readonly { readonly host: string; readonly message: string }[]
}

/** The release a host had at some time; a text says why it had none. */
type Chosen = HistoryEntry | string

/**
 * The release each host goes back to. Without `to`: the confirmed one before its present one. With the beginning of a run's id:
 * what the host held when that run had ended. With the beginning of a release's id: that release, on hosts that ever had it.
 * @throws Failure `input` when `to` is unknown, or may be several.
 */
export function chooseTargets(
  pasts: ReadonlyMap<string, NodePast>,
  to: string | undefined,
): Targets {
  const choose = to === undefined ? before : chooser(pasts, to)
  const chosen = [...pasts].map(([host, past]) => ({ host, past, found: choose(past) }))
  const staying = chosen.flatMap(({ host, found }) =>
    typeof found === "string" ? [{ host, message: found }] : [],
  )
  const known = chosen.flatMap(({ host, past, found }) =>
    typeof found === "string" ? [] : [{ host, past, entry: found }],
  )
  return {
    staying,
    targets: known
      .filter(({ past, entry }) => past.releases.includes(entry.release))
      .map(({ host, entry }) => ({ host, release: entry.release, entry })),
    lost: known
      .filter(({ past, entry }) => !past.releases.includes(entry.release))
      .map(({ host, entry }) => ({
        host,
        message: `does not keep release ${entry.release.slice(0, 12)} of run ${entry.run} any more`,
      })),
  }
}

function before(past: NodePast): Chosen {
  if (past.current === undefined) return "has no release"
  return (
    confirmed(past).findLast(({ release }) => release !== past.current) ??
    "has no release before its present one"
  )
}

function chooser(pasts: ReadonlyMap<string, NodePast>, to: string): (past: NodePast) => Chosen {
  const entries = [...pasts.values()].flatMap((past) => past.entries)
  const runs = new Map(
    entries.filter(({ run }) => run.startsWith(to)).map((entry) => [entry.run, entry]),
  )
  const releases = new Set(
    entries.map(({ release }) => release).filter((release) => release.startsWith(to)),
  )
  const [run] = runs.values()
  if (runs.size + (releases.size > 0 ? 1 : 0) > 1) throw ambiguous(to, [...runs.keys()])
  if (run !== undefined) return (past) => asOf(past, run.since)
  if (to === "" || releases.size === 0) {
    throw new Failure("input", `--to ${to}: no host remembers a run or release of that id`, {
      hint: "lbctl history lists the runs, and lbctl history --run ID their releases",
    })
  }
  return (past) => {
    const own = confirmed(past).filter(({ release }) => releases.has(release))
    if (new Set(own.map(({ release }) => release)).size > 1) throw ambiguous(to, [...releases])
    return own.at(-1) ?? "never had that release"
  }
}

/** What the host held when the runs begun until then had ended. */
function asOf(past: NodePast, since: string): Chosen {
  return (
    confirmed(past).findLast((entry) => entry.since <= since) ??
    "had no release when that run ended"
  )
}

function confirmed(past: NodePast): HistoryEntry[] {
  return past.entries.filter(
    ({ result, release }) => result === "confirmed" && /^[0-9a-f]{64}$/.test(release),
  )
}

function ambiguous(to: string, ids: readonly string[]): Failure {
  return new Failure("input", `--to ${to} may be several`, {
    hint: `give more of the id: ${ids.slice(0, 5).join(", ") || "a release"}`,
  })
}

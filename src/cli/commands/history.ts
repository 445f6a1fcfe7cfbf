import type { Inventories } from "../inventories.ts"
import { Failure } from "../../core/failure.ts"
import { askAll } from "../../push/ask-all.ts"
import type { NodePast } from "../../wire/history.ts"
import { managedHosts, withManaged, type ChoiceFlags } from "../chosen.ts"
import { parallelHosts, withPool } from "../pool.ts"
import { exitCodes } from "../exit.ts"
import { releaseTable, runsOf, runTable, runText, type Run } from "../history-tables.ts"
import { complain, print, printJson } from "../output.ts"

/** Options of history. */
export interface HistoryFlags extends ChoiceFlags {
  /** So many runs. */
  readonly number: string
  /** Beginning of a run's id: all about that run. */
  readonly run?: string
}

/** A host has at most two entries of one run: what it gains and what it loses. */
const entriesOfRun = 2
/** So far back one run is looked for. */
const farBack = 1000

/** `lbctl history`: the runs that hosts remember, newest first, and which release each host runs. */
export async function history(inventory: Inventories, flags: HistoryFlags): Promise<number> {
  const count = runCount(flags.number)
  const json = flags.json === true
  return withManaged(inventory, flags, (definition, chosen) =>
    withPool(definition.fleet, async (pool) => {
      const hosts = managedHosts(definition, chosen, flags.limit)
      const lines = flags.run === undefined ? count * entriesOfRun : farBack
      const { answers, failures } = await askAll(
        hosts,
        (host) => pool.node(host),
        parallelHosts,
        (node) => node.past(lines),
      )
      const runs = chosenRuns(runsOf(answers), flags.run, failures.length > 0).slice(0, count)
      if (json) printJson({ runs, releases: releases(answers), unreachable: failures })
      else tell(runs, answers, flags.run !== undefined)
      for (const { host, message, hint } of json ? [] : failures)
        complain(`${host}: ${message}${hint === undefined ? "" : `\n    ${hint}`}`)
      return failures.length > 0 ? exitCodes.unreachable : exitCodes.done
    }),
  )
}

function runCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= farBack / entriesOfRun) return count
  throw new Failure("input", `-n ${text} is no number of runs`, {
    hint: `1 to ${farBack / entriesOfRun}`,
  })
}

function chosenRuns(runs: readonly Run[], id: string | undefined, partial: boolean): Run[] {
  if (id === undefined) return [...runs]
  const found = runs.filter(({ run }) => run.startsWith(id))
  if (found.length > 0) return found
  throw new Failure("input", `no host remembers a run ${id}`, {
    hint: partial
      ? "some hosts could not be reached; lbctl history lists what the others remember"
      : "lbctl history lists the runs there are",
  })
}

function tell(runs: readonly Run[], pasts: ReadonlyMap<string, NodePast>, whole: boolean): void {
  if (whole) {
    print(runs.map(runText).join("\n\n"))
    return
  }
  if (pasts.size === 0) return
  print(runs.length === 0 ? "these hosts remember no run" : runTable(runs))
  print(`\n${releaseTable(pasts)}`)
}

function releases(pasts: ReadonlyMap<string, NodePast>) {
  return [...pasts].map(([host, { current, releases: kept }]) => ({
    host,
    ...(current === undefined ? {} : { current }),
    kept,
  }))
}

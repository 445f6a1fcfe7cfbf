import { setTimeout as sleep } from "node:timers/promises"

import { Failure, toFailure } from "../core/failure.ts"
import { formatDuration } from "../core/duration.ts"
import type { Event, Outcome } from "../model/event.ts"
import type { Plan } from "../model/plan.ts"
import { phases } from "../model/plan.ts"
import type { Report } from "../model/report.ts"
import type { HostRun } from "./host-run.ts"
import { runTurn } from "./host-run.ts"
import { lanesOf } from "./lanes.ts"
import { limit } from "./limit.ts"
import { exitCode, outcomeOf, worst } from "./outcome.ts"
import { discardAll, prepareAll } from "./prepare.ts"
import type { Recorder } from "./recorder.ts"
import { openRecorder } from "./recorder.ts"
import type { RolloutInput, RolloutOptions, Turn } from "./rollout-context.ts"
import { revertSeconds } from "./rollout-context.ts"
import { openSilenceCheck } from "./silence.ts"

/** Who leaves at once still tries for so long to take back what was only staged. */
const leaveMs = 2000

/** How a turn ended; `skipped` when it never began. */
type Ends = Map<Turn, { readonly outcome: Outcome; readonly detail?: string }>

/**
 * Carries a plan out over the fleet, in the order of its phases, and never throws for a host's failure: the first one stops
 * the rollout before any further host, those in flight are finished or reverted, and the Report tells how each ended.
 */
export async function rollout(
  input: RolloutInput,
  options: RolloutOptions,
  sink: (event: Event) => void,
): Promise<Report> {
  const recorder = openRecorder(sink)
  const turns = input.plan.hosts.map((planned) => ({ planned, transaction: input.transaction() }))
  const ends: Ends = new Map()
  const leave = () => closeAll(turns, input)
  options.abort?.addEventListener("abort", leave, { once: true })
  const refusals = await prepareAll(turns, input, options, recorder)
  for (const turn of turns) {
    const failure = refusals.get(turn.planned.host)
    if (failure !== undefined) ends.set(turn, endOf(failure))
  }
  for (const host of refusals.keys()) tellOutcome(turnsOf(host, turns), ends, recorder)
  if (refusals.size === 0) await runPhases(turns, ends, { input, options, recorder })
  const discarded = discardAll(leftStages(turns, ends, refusals.size > 0), input, options)
  await (options.abort?.aborted === true
    ? Promise.race([discarded, sleep(leaveMs, undefined, { ref: false })])
    : discarded)
  tellOthers(turns, ends, input.plan, recorder)
  options.abort?.removeEventListener("abort", leave)
  const outcomes: Outcome[] = [
    ...turns.map((turn) => ends.get(turn)?.outcome ?? "skipped"),
    ...input.plan.unreachable.map((): Outcome => "unreachable"),
  ]
  const interrupted =
    options.abort?.aborted === true ||
    (options.stop?.aborted === true && outcomes.includes("skipped"))
  return recorder.report(exitCode(outcomes, interrupted))
}

/** Turns that never came, on hosts that can be reached: their stages are to be removed. */
function leftStages(turns: readonly Turn[], ends: Ends, refused: boolean): Turn[] {
  return turns.filter((turn) => {
    const end = ends.get(turn)
    if (end === undefined || end.outcome === "locked") return true
    return refused && end.outcome !== "unreachable"
  })
}

async function runPhases(
  turns: readonly Turn[],
  ends: Ends,
  context: Pick<HostRun, "input" | "options" | "recorder">,
): Promise<void> {
  const { input, options, recorder } = context
  const run: HostRun = { ...context, silent: openSilenceCheck(input, recorder) }
  const atOnce = limit(options.parallel)
  const over = () =>
    options.stop?.aborted === true ||
    options.abort?.aborted === true ||
    [...ends.values()].some((end) => end.outcome !== "changed")
  for (const phase of phases) {
    const present = turns.filter((turn) => turn.planned.phase === phase)
    if (present.length === 0 || over()) continue
    recorder.emit({ type: "phase", phase, hosts: present.map((turn) => turn.planned.host) })
    await Promise.all(
      lanesOf(phase, present).map(async (lane) => {
        for (const turn of lane) {
          await atOnce(async () => {
            if (over()) return
            ends.set(turn, await endTurn(turn, run))
            const own = turnsOf(turn.planned.host, turns)
            if (own.every((item) => ends.has(item))) tellOutcome(own, ends, recorder)
          })
        }
      }),
    )
  }
}

async function endTurn(turn: Turn, run: HostRun) {
  try {
    await withinTime(turn, run)
    return { outcome: "changed" as const }
  } catch (thrown) {
    return endOf(toFailure(thrown, turn.planned.host))
  }
}

/** A host that takes too long is left to its revert timer. */
async function withinTime(turn: Turn, run: HostRun): Promise<void> {
  const { planned } = turn
  const { options, input } = run
  const patience =
    options.hostTimeoutMs +
    revertSeconds(planned, options.confirmSeconds) * 1000 +
    (planned.awaitDrained.length > 0 ? options.drainTimeoutMs : 0)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      input.node(planned.host).close()
      reject(
        new Failure("unreachable", `not done within ${formatDuration(patience)}`, {
          hint: "what is not confirmed reverts by itself; lbctl plan tells what the host holds now",
        }),
      )
    }, patience)
  })
  try {
    await Promise.race([runTurn(turn, run), late])
  } finally {
    clearTimeout(timer)
  }
}

function endOf(failure: Failure): { readonly outcome: Outcome; readonly detail: string } {
  return { outcome: outcomeOf(failure.code), detail: failure.message }
}

/** The outcomes of hosts whose turns did not all come, and of those that needed none. */
function tellOthers(turns: readonly Turn[], ends: Ends, plan: Plan, recorder: Recorder): void {
  for (const host of new Set(turns.map((turn) => turn.planned.host))) {
    const own = turnsOf(host, turns)
    if (!own.every((turn) => ends.has(turn))) tellOutcome(own, ends, recorder)
  }
  for (const host of plan.unchanged) recorder.emit({ type: "outcome", host, outcome: "unchanged" })
  for (const { host, message } of plan.unreachable) {
    recorder.emit({ type: "outcome", host, outcome: "unreachable", detail: message })
  }
}

/** One outcome for a host, however many turns it has. */
function tellOutcome(own: readonly Turn[], ends: Ends, recorder: Recorder): void {
  const [first] = own
  if (first === undefined) return
  const outcome = worst(own.map((turn) => ends.get(turn)?.outcome ?? "skipped"))
  const waiting = own.filter((turn) => !ends.has(turn)).map((turn) => turn.planned.phase)
  const detail =
    own.map((turn) => ends.get(turn)?.detail).find((text) => text !== undefined) ??
    (outcome === "changed" && waiting.length > 0 ? `not yet: ${waiting.join(", ")}` : undefined)
  const { host } = first.planned
  recorder.emit({ type: "outcome", host, outcome, ...(detail === undefined ? {} : { detail }) })
}

function turnsOf(host: string, turns: readonly Turn[]): Turn[] {
  return turns.filter((turn) => turn.planned.host === host)
}

function closeAll(turns: readonly Turn[], input: RolloutInput): void {
  for (const { planned } of turns) input.node(planned.host).close()
}

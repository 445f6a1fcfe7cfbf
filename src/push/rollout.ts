import { setTimeout as sleep } from "node:timers/promises"

import type { Event, Outcome } from "../model/event.ts"
import type { HostPlan } from "../model/plan.ts"
import type { Report } from "../model/report.ts"
import { hostsOf, type Wave } from "../model/wave.ts"
import { endTurn } from "./carry-through.ts"
import { endOf, heldBack, turnsOf, whyStopped, type Ends } from "./ends.ts"
import type { HostRun } from "./host-run.ts"
import { limit } from "./limit.ts"
import { exitCode } from "./outcome.ts"
import { discardAll, prepareAll } from "./prepare.ts"
import { openRecorder } from "./recorder.ts"
import type { RolloutInput, RolloutOptions, Turn } from "./rollout-context.ts"
import { openSilenceCheck } from "./silence.ts"
import { tellInFlight, tellOthers, tellOutcome, tellStop } from "./tell-ends.ts"

/** Who leaves at once still tries for so long to take back what was only staged. */
const leaveMs = 2000

type Context = Pick<HostRun, "input" | "options" | "recorder" | "inFlight">

/**
 * Carries a plan out over the fleet, wave by wave, and never throws for a host's failure: one over the limit stops the rollout
 * before any further host, those in flight are finished or reverted, and the Report tells how each ended. A host that must not
 * come after one that failed is left as it is.
 */
export async function rollout(
  input: RolloutInput,
  options: RolloutOptions,
  sink: (event: Event) => void,
): Promise<Report> {
  const turns = input.plan.hosts.map((planned) => newTurn(planned, input))
  const recorder = openRecorder(sink, { run: input.who.run, turns })
  const ends: Ends = new Map()
  const inFlight = new Map<string, number>()
  const leave = () => {
    tellInFlight(inFlight, recorder)
    closeAll(turns, input)
  }
  options.abort?.addEventListener("abort", leave, { once: true })
  const context: Context = { input, options, recorder, inFlight }
  const refused = await prepare(turns, ends, context)
  for (const host of refused) tellOutcome(turnsOf(host, turns), ends, recorder)
  await runWaves(turns, ends, context)
  const discarded = discardAll(leftStages(turns, ends, refused), input, options)
  await (options.abort?.aborted === true
    ? Promise.race([discarded, sleep(leaveMs, undefined, { ref: false })])
    : discarded)
  tellOthers(turns, ends, input.plan, recorder)
  if (options.stop?.aborted !== true) tellStop(turns, ends, input, recorder)
  options.abort?.removeEventListener("abort", leave)
  const outcomes: Outcome[] = [
    ...turns.map((turn) => ends.get(turn)?.outcome ?? "skipped"),
    ...input.plan.unreachable.map((): Outcome => "unreachable"),
  ]
  const interrupted =
    options.abort?.aborted === true ||
    (options.stop?.aborted === true &&
      outcomes.some((outcome) => outcome === "skipped" || outcome === "reverted"))
  return recorder.report(exitCode(outcomes, interrupted))
}

function newTurn(planned: HostPlan, { waves, transaction }: RolloutInput): Turn {
  const wave = waves.find((item) => isInWave(planned, item))
  const soak = wave?.soakMs === undefined ? {} : { soakMs: wave.soakMs }
  return { planned, transaction: transaction(), ...soak }
}

function isInWave({ host, phase }: HostPlan, wave: Wave): boolean {
  return phase === wave.phase && wave.batches.some((batch) => batch.hosts.includes(host))
}

/** Stages on all hosts, unless too many refuse; those that did. */
async function prepare(
  turns: readonly Turn[],
  ends: Ends,
  { input, options, recorder }: Context,
): Promise<ReadonlySet<string>> {
  const refused = new Set<string>()
  await prepareAll(turns, input, options, recorder, {
    refuse: (host, failure) => {
      refused.add(host)
      for (const turn of turnsOf(host, turns)) ends.set(turn, endOf(failure))
    },
    over: () => options.stop?.aborted === true || whyStopped(input, ends) !== undefined,
  })
  return refused
}

/** Turns that never came, on hosts that can be reached: their stages are to be removed. */
function leftStages(turns: readonly Turn[], ends: Ends, refused: ReadonlySet<string>): Turn[] {
  return turns.filter((turn) => {
    const outcome = ends.get(turn)?.outcome
    if (outcome === undefined || outcome === "locked" || outcome === "skipped") return true
    return refused.has(turn.planned.host) && outcome !== "unreachable"
  })
}

async function runWaves(turns: readonly Turn[], ends: Ends, context: Context): Promise<void> {
  const { input, options, recorder } = context
  const run: HostRun = { ...context, silent: openSilenceCheck(input, recorder) }
  const atOnce = limit(options.parallel)
  const over = () =>
    options.stop?.aborted === true ||
    options.abort?.aborted === true ||
    whyStopped(input, ends) !== undefined
  for (const wave of input.waves) {
    const present = turns.filter((turn) => isInWave(turn.planned, wave) && !ends.has(turn))
    if (present.length === 0 || over()) continue
    recorder.emit(waveEvent(wave, input.waves))
    await Promise.all(
      present.map((turn) =>
        atOnce(async () => {
          if (over()) return
          ends.set(turn, heldBack(turn, ends, input) ?? (await endTurn(turn, run)))
          const own = turnsOf(turn.planned.host, turns)
          if (own.every((item) => ends.has(item))) tellOutcome(own, ends, recorder)
        }),
      ),
    )
  }
}

/** A phase that goes in several waves tells which of them this is. */
function waveEvent(wave: Wave, waves: readonly Wave[]): Event {
  const { phase } = wave
  const same = waves.filter((other) => other.phase === phase)
  const part = same.length < 2 ? {} : { part: { number: same.indexOf(wave) + 1, of: same.length } }
  const canary = wave.soakMs === undefined ? {} : { canary: true as const }
  return { type: "phase", phase, hosts: hostsOf(wave), ...part, ...canary }
}

function closeAll(turns: readonly Turn[], input: RolloutInput): void {
  for (const { planned } of turns) input.node(planned.host).close()
}

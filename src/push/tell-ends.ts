import { formatDuration } from "../core/duration.ts"
import type { Plan } from "../model/plan.ts"
import { turnsOf, whyStopped, type Ends } from "./ends.ts"
import { worst } from "./outcome.ts"
import type { Recorder } from "./recorder.ts"
import type { RolloutInput, Turn } from "./rollout-context.ts"

/** A host takes a moment to play its journal back. */
const revertMs = 5000

/** The outcomes of hosts whose turns did not all come, and of those that needed none. */
export function tellOthers(
  turns: readonly Turn[],
  ends: Ends,
  plan: Plan,
  recorder: Recorder,
): void {
  for (const host of new Set(turns.map((turn) => turn.planned.host))) {
    const own = turnsOf(host, turns)
    if (!own.every((turn) => ends.has(turn))) tellOutcome(own, ends, recorder)
  }
  for (const host of plan.unchanged) recorder.emit({ type: "outcome", host, outcome: "unchanged" })
  for (const { host, message } of plan.unreachable) {
    recorder.emit({ type: "outcome", host, outcome: "unreachable", detail: message })
  }
}

/** Why hosts were not begun with, when failures are the reason. */
export function tellStop(
  turns: readonly Turn[],
  ends: Ends,
  input: RolloutInput,
  recorder: Recorder,
): void {
  const why = whyStopped(input, ends)
  if (why === undefined || turns.every((turn) => ends.has(turn))) return
  recorder.emit({
    type: "notice",
    message: `no further host was begun: ${why}`,
    hint: "mend the cause and apply again: it carries on from what it finds",
  })
}

/** One outcome for a host, however many turns it has. */
export function tellOutcome(own: readonly Turn[], ends: Ends, recorder: Recorder): void {
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

/** Who is left on an unconfirmed release, and until when. */
export function tellInFlight(inFlight: ReadonlyMap<string, number>, recorder: Recorder): void {
  if (inFlight.size === 0) return
  const rest = Math.max(0, ...inFlight.values()) - performance.now()
  const within = formatDuration(Math.ceil(Math.max(0, rest) / 1000) * 1000 + revertMs)
  const hosts = [...inFlight.keys()]
  const how = hosts.length === 1 ? "reverts by itself" : "revert by themselves"
  recorder.emit({
    type: "notice",
    message: `left in flight: ${hosts.join(", ")} ${how} within ${within}`,
    hint: "the next plan or apply tells how it ended",
  })
}

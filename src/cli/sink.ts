import { isWell, type Event } from "../model/event.ts"
import type { Report } from "../model/report.ts"
import { displayOn } from "../report/display.ts"
import { openSink as openReportSink } from "../report/open-sink.ts"
import type { Sink as ReportSink } from "../report/sink.ts"
import { isQuiet } from "./quiet.ts"
import { verbosity } from "./verbose.ts"

/** Where one part of a command tells what happens. */
export interface Sink {
  readonly emit: (event: Event) => void
  /** Ends the display: before anything else is printed. May be called again. */
  close(report?: Report): Promise<void>
}

/** The rollout's own display: tasks on a terminal, lines elsewhere, NDJSON for machines; on standard output. */
export async function openRolloutSink(json: boolean, hosts: readonly string[]): Promise<Sink> {
  const display = displayOn(process.stdout, process.env)
  const live = display.live && !isQuiet() && verbosity() === 0
  const sink = await openReportSink(process.stdout, { ...display, live, json, hosts })
  return closeOnce(
    (event) => {
      if (json || !isQuiet() || isTrouble(event)) sink.event(event)
    },
    (report) => sink.end(report),
    sink,
  )
}

/**
 * While hosts are only looked at: progress on a terminal, on standard error; elsewhere only what the operator has to know,
 * since failures are told with the result.
 */
export async function openLookSink(json: boolean, hosts: readonly string[]): Promise<Sink> {
  if (json || isQuiet())
    return closeOnce(
      () => undefined,
      async () => undefined,
    )
  const display = displayOn(process.stderr, process.env)
  const live = display.live && verbosity() === 0
  const sink = await openReportSink(process.stderr, { ...display, live, json: false, hosts })
  return closeOnce(
    (event) => {
      const known = withoutFailure(event)
      if (live || known.type !== "step") sink.event(known)
    },
    () => sink.end(),
    sink,
  )
}

/** What writes on the terminal by itself. */
export type Pausable = Pick<ReportSink, "pause" | "resume">

const shown = new Set<Pausable>()

/** From now on `part` waits while the operator is asked. */
export function pauseForQuestions(part: Pausable): void {
  shown.add(part)
}

/** Does `work`, a question to the operator, with no progress drawn over it. */
export async function whilePaused<T>(work: () => Promise<T>): Promise<T> {
  for (const sink of shown) sink.pause?.()
  try {
    return await work()
  } finally {
    for (const sink of shown) sink.resume?.()
  }
}

/** A host that did not answer is through, as far as the display goes. */
function withoutFailure(event: Event): Event {
  if (event.type !== "failed") return event
  return { type: "step", host: event.host, step: event.step, state: "done" }
}

function closeOnce(
  emit: (event: Event) => void,
  end: (report?: Report) => Promise<void>,
  sink?: ReportSink,
): Sink {
  let ended = false
  if (sink !== undefined) shown.add(sink)
  return {
    emit,
    async close(report) {
      if (ended) return
      ended = true
      await end(report)
      if (sink !== undefined) shown.delete(sink)
    },
  }
}

function isTrouble(event: Event): boolean {
  if (event.type === "outcome") return !isWell(event.outcome)
  return event.type === "failed" || event.type === "notice"
}

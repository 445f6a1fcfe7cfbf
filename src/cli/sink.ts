import type { Event } from "../model/event.ts"
import type { Report } from "../model/report.ts"
import { openSink as openReportSink } from "../report/open-sink.ts"

/** Where one part of a command tells what happens. */
export interface Sink {
  readonly emit: (event: Event) => void
  /** Ends the display: before anything else is printed. May be called again. */
  close(report?: Report): Promise<void>
}

/** The rollout's own display: tasks on a terminal, lines elsewhere, NDJSON for machines; on standard output. */
export async function openRolloutSink(json: boolean, hosts: readonly string[]): Promise<Sink> {
  const sink = await openReportSink(process.stdout, { json, noColour: noColour(), hosts })
  return closeOnce(
    (event) => sink.event(event),
    (report) => sink.end(report),
  )
}

/**
 * While hosts are only looked at: progress on a terminal, on standard error; elsewhere only what the operator has to know,
 * since failures are told with the result.
 */
export async function openLookSink(json: boolean, hosts: readonly string[]): Promise<Sink> {
  if (json)
    return closeOnce(
      () => undefined,
      async () => undefined,
    )
  const sink = await openReportSink(process.stderr, { json: false, noColour: noColour(), hosts })
  return closeOnce(
    (event) => {
      const shown = withoutFailure(event)
      if (process.stderr.isTTY || shown.type !== "step") sink.event(shown)
    },
    () => sink.end(),
  )
}

/** A host that did not answer is through, as far as the display goes. */
function withoutFailure(event: Event): Event {
  if (event.type !== "failed") return event
  return { type: "step", host: event.host, step: event.step, state: "done" }
}

function closeOnce(emit: (event: Event) => void, end: (report?: Report) => Promise<void>): Sink {
  let ended = false
  return {
    emit,
    async close(report) {
      if (ended) return
      ended = true
      await end(report)
    },
  }
}

function noColour(): boolean {
  return (process.env["NO_COLOR"] ?? "") !== ""
}

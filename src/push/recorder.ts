import { toFailure } from "../core/failure.ts"
import type { Event, Outcome, Step } from "../model/event.ts"
import type { HostReport, Report, StepReport } from "../model/report.ts"
import { failedEvent } from "./failed-event.ts"
import type { Tell } from "./node.ts"
import type { Turn } from "./rollout-context.ts"

/** Tells every event on, and keeps them for the Report. */
export interface Recorder {
  readonly emit: (event: Event) => void
  /** Runs a step of a host between its events; what it throws becomes the step's `failed` event and is thrown on. */
  step<T>(host: string, step: Step, task: (tell: Tell) => Promise<T>): Promise<T>
  report(exitCode: number): Report
}

/** What the Report names a run and its transactions by. */
export interface Ids {
  readonly run: string
  readonly turns: readonly Turn[]
}

interface Draft {
  readonly steps: StepReport[]
  outcome?: { readonly outcome: Outcome; readonly detail?: string }
}

/** A recorder that passes events to `sink`. */
export function openRecorder(sink: (event: Event) => void, { run, turns }: Ids): Recorder {
  const began = performance.now()
  const started = new Date().toISOString()
  const hosts = new Map<string, Draft>()
  const notices: Report["notices"][number][] = []
  const draft = (host: string): Draft => {
    const known = hosts.get(host) ?? { steps: [] }
    hosts.set(host, known)
    return known
  }
  const emit = (event: Event) => {
    if (event.type === "notice") notices.push(withoutType(event))
    if (event.type === "outcome") draft(event.host).outcome = event
    sink(event)
  }
  return {
    emit,
    async step(host, step, task) {
      const from = performance.now()
      const spent = () => Math.round(performance.now() - from)
      const tell = (detail: string) => emit({ type: "step", host, step, state: "start", detail })
      emit({ type: "step", host, step, state: "start" })
      try {
        const result = await task(tell)
        const ms = spent()
        draft(host).steps.push({ step, ms })
        emit({ type: "step", host, step, state: "done", ms })
        return result
      } catch (thrown) {
        const failure = toFailure(thrown, host)
        const { code, message, hint } = failure
        const words = { code, message, ...(hint === undefined ? {} : { hint }) }
        draft(host).steps.push({ step, ms: spent(), failure: words })
        emit(failedEvent(host, step, failure))
        throw failure
      }
    },
    report(exitCode) {
      return {
        format: 1,
        run,
        started,
        ms: Math.round(performance.now() - began),
        exitCode,
        hosts: [...hosts].map(([host, kept]) => hostReport(host, kept, turns)),
        notices,
      }
    },
  }
}

function hostReport(host: string, { steps, outcome }: Draft, turns: readonly Turn[]): HostReport {
  const own = turns.filter((turn) => turn.planned.host === host)
  const release = own[0]?.planned.release
  const transactions = own.map((turn) => turn.transaction)
  const detail = outcome?.detail === undefined ? {} : { detail: outcome.detail }
  return {
    host,
    outcome: outcome?.outcome ?? "skipped",
    ...detail,
    ...(release === undefined ? {} : { release, transactions }),
    steps,
  }
}

function withoutType({ host, message, hint }: Extract<Event, { type: "notice" }>) {
  return {
    ...(host === undefined ? {} : { host }),
    message,
    ...(hint === undefined ? {} : { hint }),
  }
}

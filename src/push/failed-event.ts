import type { Failure } from "../core/failure.ts"
import type { Event, Step } from "../model/event.ts"

/** The event that tells a step's failure. */
export function failedEvent(host: string, step: Step, failure: Failure): Event {
  const hint = failure.hint === undefined ? {} : { hint: failure.hint }
  return { type: "failed", host, step, code: failure.code, message: failure.message, ...hint }
}

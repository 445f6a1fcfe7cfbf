import type { Event } from "../model/event.ts"
import type { Report } from "../model/report.ts"

/** Where the events of a run go. */
export interface Sink {
  event(event: Event): void
  /** After the last event; a run that only looks has no report. */
  end(report?: Report): Promise<void>
  /** Leaves the terminal to a question, until `resume`; left out where nothing is drawn over. */
  pause?(): void
  resume?(): void
}

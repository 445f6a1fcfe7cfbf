import type { Event } from "../model/event.ts"
import type { Report } from "../model/report.ts"
import { complain } from "./output.ts"
export interface Sink {
  emit: (event: Event) => void
  data: (v: unknown) => void
  finish: (report: Report) => void
  close: () => void
}
export function openSink(o: { json: boolean; quiet: boolean }): Sink {
  return {
    emit: (e) => {
      if (!o.quiet) complain(JSON.stringify(e))
    },
    data: (v) => complain(JSON.stringify(v)),
    finish: (r) => complain(JSON.stringify(r)),
    close: () => undefined,
  }
}

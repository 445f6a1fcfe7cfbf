import type { Display } from "./display.ts"
import { linesSink } from "./lines.ts"
import { ndjsonSink } from "./ndjson.ts"
import type { Stream } from "./output.ts"
import { openOutput } from "./output.ts"
import { paint } from "./paint.ts"
import type { Sink } from "./sink.ts"

/** How a run is shown. */
export interface ReportOptions extends Display {
  readonly json: boolean
  readonly hosts: readonly string[]
}

/** NDJSON when asked for, else a task list on a terminal, else plain lines. */
export async function openSink(stream: Stream, options: ReportOptions): Promise<Sink> {
  const output = openOutput(stream)
  if (options.json) return ndjsonSink(output)
  const colours = paint(options.colours)
  if (!options.live) return linesSink(output, colours, options.hosts)
  // listr2 takes a while to load, and only terminals need it.
  const { tasksSink } = await import("./tasks.ts")
  return tasksSink(output, colours, options.hosts)
}

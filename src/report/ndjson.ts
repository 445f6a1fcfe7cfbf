import type { Output } from "./output.ts"
import type { Sink } from "./sink.ts"

/** One JSON object a line for machines: each event with the time it came, and the Report as the last. */
export function ndjsonSink(output: Output): Sink {
  const write = (value: object) =>
    output.write(`${JSON.stringify({ at: new Date().toISOString(), ...value })}\n`)
  return {
    event: write,
    async end(report) {
      if (report !== undefined) write({ type: "report", ...report })
    },
  }
}

import type { Output } from "./output.ts"
import type { Paint } from "./paint.ts"
import type { Sink } from "./sink.ts"
import { eventLine, reportLine } from "./words.ts"

/** One line an event: for logs, pipes and CI. */
export function linesSink(output: Output, colours: Paint, hosts: readonly string[]): Sink {
  const width = Math.max(0, ...hosts.map((host) => host.length))
  return {
    event(event) {
      const line = eventLine(event, colours, width)
      if (line !== undefined) output.write(`${line}\n`)
    },
    async end(report) {
      if (report !== undefined) output.write(`${reportLine(report)}\n`)
    },
  }
}

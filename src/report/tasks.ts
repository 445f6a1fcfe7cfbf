import type { Event } from "../model/event.ts"
import { openTaskList } from "./listr.ts"
import { openLiveRegion } from "./live-region.ts"
import type { Output } from "./output.ts"
import type { Paint } from "./paint.ts"
import { openProgress } from "./progress.ts"
import type { Sink } from "./sink.ts"
import { eventLine, reportLine } from "./words.ts"

/** A live task list for a terminal: who is at what below, what must be remembered above. */
export function tasksSink(output: Output, colours: Paint, hosts: readonly string[]): Sink {
  const width = Math.max(0, ...hosts.map((host) => host.length))
  const progress = openProgress(hosts.length, colours, performance.now())
  const region = openLiveRegion(output)
  const list = openTaskList(hosts, (last) => {
    const size = output.size()
    if (last || size === undefined) region.clear()
    else region.draw(progress.frame(performance.now(), size))
  })
  return {
    event(event) {
      progress.event(event, performance.now())
      const line = isLasting(event) ? eventLine(event, colours, width) : undefined
      if (line !== undefined) region.above(line)
      if (event.type === "outcome") list.finish(event.host)
    },
    pause: () => region.pause(),
    resume: () => region.resume(),
    async end(report) {
      await list.end()
      if (report !== undefined) output.write(`${colours.bold(reportLine(report))}\n`)
    },
  }
}

/** Steps come and go; phases, failures, notices and outcomes stay on the screen. */
function isLasting(event: Event): boolean {
  return event.type !== "step"
}

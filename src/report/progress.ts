import { formatDuration } from "../core/duration.ts"
import type { Event, Step } from "../model/event.ts"
import type { Paint } from "./paint.ts"
import { phaseWords } from "./words.ts"

/** What the live display shows of a run: who is at what, and how many are through. */
export interface Progress {
  /** Takes an event in; `now` in milliseconds of any steady clock. */
  event(event: Event, now: number): void
  /** At most `rows` lines of at most `columns` characters; the last is a summary. */
  frame(now: number, size: { readonly rows: number; readonly columns: number }): string[]
}

interface Running {
  readonly step: Step
  readonly since: number
  readonly detail: string
}

/** Lines that a display leaves free, so that what was there before stays in sight. */
const spareRows = 2

/** The state of a run over `total` hosts. */
export function openProgress(total: number, colours: Paint, began: number): Progress {
  const running = new Map<string, Running>()
  const ended = new Set<string>()
  const bad = new Set<string>()
  let phase = ""

  function event(item: Event, now: number): void {
    switch (item.type) {
      case "phase":
        phase = phaseWords(item.phase)
        return
      case "step":
        if (item.state === "done") {
          running.delete(item.host)
          if (item.step === "observe") ended.add(item.host)
          return
        }
        running.set(item.host, {
          step: item.step,
          since: running.get(item.host)?.since ?? now,
          detail: item.detail ?? "",
        })
        ended.delete(item.host)
        return
      case "failed":
        running.delete(item.host)
        bad.add(item.host)
        ended.add(item.host)
        return
      case "outcome":
        running.delete(item.host)
        ended.add(item.host)
        return
      case "notice":
        return
    }
  }

  function frame(now: number, { rows, columns }: { rows: number; columns: number }): string[] {
    const room = Math.max(0, rows - spareRows - 1)
    const oldest = [...running].slice(0, room)
    const width = Math.max(0, ...oldest.map(([host]) => host.length))
    const lines = oldest.map(([host, item]) => {
      const time = formatDuration(Math.floor((now - item.since) / 1000) * 1000)
      return `${host.padEnd(width)}  ${item.step.padEnd(8)}  ${item.detail} ${time}`.slice(
        0,
        columns,
      )
    })
    const hidden = running.size - oldest.length
    const failed = bad.size === 0 ? "" : `, ${bad.size} failed`
    const more = hidden === 0 ? "" : ` (${hidden} not shown)`
    const where = phase === "" ? "" : ` · ${phase}`
    const spent = formatDuration(Math.floor((now - began) / 1000) * 1000)
    const summary = `${ended.size}/${total} done, ${running.size} running${more}${failed}${where} · ${spent}`
    return [...lines.map((line) => colours.dim(line)), colours.bold(summary.slice(0, columns))]
  }

  return { event, frame }
}

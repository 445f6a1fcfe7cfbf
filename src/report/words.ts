import { formatDuration } from "../core/duration.ts"
import { assertNever } from "../core/result.ts"
import { indent, plural } from "../core/text.ts"
import type { Event, Outcome } from "../model/event.ts"
import type { Phase } from "../model/plan.ts"
import type { Report } from "../model/report.ts"
import type { Paint } from "./paint.ts"

/** An event as plain lines for people: `host  step  result  1.2s`; undefined for what only a live display shows. */
export function eventLine(event: Event, colours: Paint, hostWidth = 0): string | undefined {
  switch (event.type) {
    case "phase":
      return colours.bold(`== ${waveWords(event)}: ${plural(event.hosts.length, "host")}`)
    case "step":
      return stepLine(event, hostWidth)
    case "failed":
      return colours.red(
        withHint(
          `${columns(event.host, event.step, hostWidth)}  FAILED  ${event.message}`,
          event.hint,
        ),
      )
    case "notice":
      return colours.yellow(
        withHint(
          `${event.host === undefined ? "" : `${event.host}: `}${event.message}`,
          event.hint,
        ),
      )
    case "outcome":
      return outcomeLine(event, colours, hostWidth)
    default:
      return assertNever(event)
  }
}

function waveWords({ phase, part, canary }: Extract<Event, { type: "phase" }>): string {
  const which = part === undefined ? "" : `, ${part.number} of ${part.of}`
  return `${phaseWords(phase)}${which}${canary === true ? ", canary" : ""}`
}

/** What a phase is about. */
export function phaseWords(phase: Phase): string {
  switch (phase) {
    case "gain":
      return "real servers"
    case "backup":
      return "backup directors"
    case "master":
      return "master directors"
    case "lose":
      return "removals after their drain"
    case "teardown":
      return "hosts that leave"
    default:
      return assertNever(phase)
  }
}

/** `3 changed, 1 reverted in 12.3s`. */
export function reportLine(report: Report): string {
  const order: readonly Outcome[] = [
    "changed",
    "unchanged",
    "reverted",
    "failed",
    "unreachable",
    "locked",
    "stale",
    "skipped",
  ]
  const counts = order.flatMap((outcome) => {
    const count = report.hosts.filter((host) => host.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${outcome}`]
  })
  return `${counts.join(", ") || "no host"} in ${formatDuration(report.ms)}`
}

function stepLine(event: Extract<Event, { type: "step" }>, hostWidth: number): string | undefined {
  const detail = event.detail === undefined ? "" : `  ${event.detail}`
  const line = columns(event.host, event.step, hostWidth)
  if (event.state === "done") {
    const time = event.ms === undefined ? "" : `  ${formatDuration(event.ms)}`
    return `${line}  ok${detail}${time}`
  }
  return event.detail === undefined ? undefined : `${line}  ...${detail}`
}

function outcomeLine(
  event: Extract<Event, { type: "outcome" }>,
  colours: Paint,
  hostWidth: number,
): string | undefined {
  if (event.outcome === "unchanged") return undefined
  const detail = event.detail === undefined ? "" : `  ${firstLine(event.detail)}`
  const line = `${event.host.padEnd(hostWidth)}  ${event.outcome}${detail}`
  if (event.outcome === "changed") return colours.green(line)
  return event.outcome === "skipped" ? colours.yellow(line) : colours.red(line)
}

function columns(host: string, step: string, hostWidth: number): string {
  return `${host.padEnd(hostWidth)}  ${step.padEnd("activate".length)}`
}

function withHint(text: string, hint: string | undefined): string {
  return hint === undefined ? text : `${text}\n${indent(hint, 4)}`
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? ""
}

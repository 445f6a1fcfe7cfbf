import { formatDuration } from "../core/duration.ts"
import { assertNever } from "../core/result.ts"
import { plural, shortened } from "../core/text.ts"
import { wrap } from "../core/wrap.ts"
import type { Route, TraceEvent } from "../model/trace.ts"

/** 1: connections and steps with their times; 2: besides, the conversation itself. */
export type TraceLevel = 1 | 2

const columns = 80
const longest = 400

/** An event for people, without a line end; undefined for what only the second level tells. */
export function traceText(host: string, event: TraceEvent, level: TraceLevel): string | undefined {
  switch (event.type) {
    case "connecting":
      return level < 2 ? undefined : told(host, `connecting to ${routeWords(event.route)}`)
    case "connected": {
      const time = formatDuration(event.ms)
      return told(host, `connected to ${routeWords(event.route)}, in ${time}`)
    }
    case "unconnected": {
      const where = `not connected to ${routeWords(event.route)}`
      return told(host, `${where}, after ${formatDuration(event.ms)}: ${event.message}`)
    }
    case "ran":
      return level < 2 ? undefined : line(`${host}: > ${event.command}`)
    case "replied":
      return level < 2 ? undefined : line(`${host}: < ${event.record}`)
    case "ended":
      return told(host, endWords(event, level).join(", "))
    case "broke": {
      const time = formatDuration(event.ms)
      return told(host, `${event.step} broke off after ${time}: ${event.message}`)
    }
    default:
      return assertNever(event)
  }
}

function routeWords({ user, address, port, via, ...route }: Route): string {
  const where = address.includes(":") ? `[${address}]` : address
  return [
    `${user}@${where}:${port}`,
    ...(via.length === 0 ? [] : [`through ${via.join(", then ")}`]),
    ...(route.proxyCommand ? ["through a ProxyCommand"] : []),
    route.transport === "ssh" ? "by the system's ssh" : "by the built-in client",
    ...(route.become === undefined ? [] : [`root by ${route.become}`]),
  ].join(", ")
}

function endWords(event: Extract<TraceEvent, { type: "ended" }>, level: TraceLevel): string[] {
  const { step, ms, code, sent, received, transaction, release } = event
  return [
    `${step} took ${formatDuration(ms)}`,
    ...(code === undefined || code === 0 ? [] : [`exit code ${code}`]),
    ...(transaction === undefined ? [] : [`transaction ${transaction}`]),
    ...(release === undefined ? [] : [`release ${release.slice(0, 12)}`]),
    ...(level < 2 ? [] : [`${plural(sent, "byte")} sent`, `${plural(received, "byte")} received`]),
  ]
}

/** Sentences of ours: within the columns, further lines indented. */
function told(host: string, words: string): string {
  return wrap(line(`${host}: ${words}`), columns - 4).join("\n    ")
}

/** Words of a node on one line, without what could move a cursor, and no longer than anybody reads. */
function line(text: string): string {
  return shortened(text.replaceAll(/\p{Cc}+/gu, " "), longest)
}

import { compareText } from "../core/text.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { Entry } from "../schema/entries.ts"
import { parsePorts } from "../schema/port-range.ts"
import type { PortRange } from "../schema/port-range.ts"
import type { Service } from "../schema/services.gen.ts"
import type { Scope } from "./scope.ts"

type Port = VirtualService["ports"][number]

/** Each port of a range is a kernel service on each VIP, with its real servers. */
const longestRange = 1024

/** The ports of a service by number, then protocol; reports what is out of range or there twice. */
export function compilePorts(entry: Entry<Service>, scope: Scope): Port[] {
  const ports = new Map<string, Port>()
  entry.value.ports.forEach((source, index) => {
    const range = parsePorts(source)
    const wrong = wrongRange(range)
    const report = (rule: string, message: string, hint: string): void =>
      scope.report({ rule, message, at: entry.place("ports", index), hint })
    if (wrong !== undefined) {
      report("port-range", `port ${written(range)} of ${entry.name} ${wrong[0]}`, wrong[1])
      return
    }
    const { protocol } = range
    const own = Array.from({ length: range.last - range.first + 1 }, (_, offset) => ({
      port: range.first + offset,
      protocol,
    }))
    const twice = own.find((port) => ports.has(nameOf(port)))
    if (twice !== undefined)
      report(
        "port-twice",
        `${entry.name} lists the port ${nameOf(twice)} twice`,
        "remove one of them; a plain number is a tcp port",
      )
    for (const port of own) ports.set(nameOf(port), port)
  })
  return [...ports.values()].sort((a, b) => a.port - b.port || compareText(a.protocol, b.protocol))
}

function wrongRange({ first, last }: PortRange): readonly [string, string] | undefined {
  if (last > 65_535 || (first === 0 && last > 0))
    return ["is out of range", "ports are 1 to 65535; 0 alone is all of them"]
  if (last < first) return ["ends before it begins", "write the lower number first"]
  if (last - first >= longestRange)
    return [
      `has more than ${longestRange} ports`,
      "write 0 for all ports of the VIP, with persistence, or shorter ranges",
    ]
  return undefined
}

function written({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}

function nameOf({ port, protocol }: Port): string {
  return `${port}/${protocol}`
}

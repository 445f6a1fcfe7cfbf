import { compareText } from "../core/text.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { Protocol } from "../model/ipvs.ts"
import type { Entry } from "../schema/entries.ts"
import type { Service } from "../schema/services.gen.ts"
import type { Scope } from "./scope.ts"

type Port = VirtualService["ports"][number]

/** The ports of a service by number, then protocol; reports what is out of range or there twice. */
export function compilePorts(entry: Entry<Service>, scope: Scope): Port[] {
  const ports = new Map<string, Port>()
  entry.value.ports.forEach((source, index) => {
    const port = parsePort(source)
    const name = `${port.port}/${port.protocol}`
    if (port.port < 1 || port.port > 65535) {
      const hint = "ports are 1 to 65535"
      const message = `port ${port.port} of ${entry.name} is out of range`
      scope.report({ rule: "port-range", message, at: entry.place("ports", index), hint })
    } else if (ports.has(name)) {
      const message = `${entry.name} lists the port ${name} twice`
      const hint = "remove one of them; a plain number is a tcp port"
      scope.report({ rule: "port-twice", message, at: entry.place("ports", index), hint })
    } else ports.set(name, port)
  })
  return [...ports.values()].sort((a, b) => a.port - b.port || compareText(a.protocol, b.protocol))
}

/** `80`, `80/tcp`, `53/udp`: the form is the schema's affair. */
export function parsePort(source: number | string): Port {
  const [port, protocol = "tcp"] = String(source).split("/")
  return { port: Number(port), protocol: protocol as Protocol }
}

import { formatDuration } from "../core/duration.ts"
import { askedProtocol } from "../model/check.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on health checks. */
export const checkRules: readonly Rule[] = [
  {
    id: "check-protocol",
    set: "check",
    reason: "a TCP connection is not accepted by a udp or sctp port, nor a datagram by a tcp port",
    find: checksOfOtherProtocols,
  },
  {
    id: "check-port",
    set: "check",
    reason: "port 0 stands for all ports; a check asks one",
    find: checksOfAllPorts,
  },
  {
    id: "check-command",
    set: "check",
    reason: "a program that is looked for is another one on each director, or none",
    find: relativeCommands,
  },
  {
    id: "check-timeout",
    set: "check",
    severity: "warning",
    reason:
      "a check that has not ended is not begun anew, so a dead server is seen later than the interval says",
    find: slowChecks,
  },
]

function checksOfOtherProtocols({ fleet, source, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const { check, ports } = service
    if (check === undefined || check.port !== undefined || source(service).check === undefined)
      return []
    const asked = askedProtocol(check)
    if (asked === undefined) return []
    const fitting = new Set(
      ports.filter(({ protocol }) => protocol === asked).map(({ port }) => port),
    )
    const bad = ports.find(({ port }) => port > 0 && !fitting.has(port))
    // One check stands for all ports of a firewall mark.
    const one = service.fwmark !== undefined && [...fitting].some((port) => port > 0)
    if (bad === undefined || one) return []
    return [
      {
        message: `a check of type ${check.type} asks by ${asked} and can't ask the ${bad.protocol} port ${bad.port} of ${service.name}`,
        at: inService(service, "check"),
        hint: `give the check a ${asked} port to ask, or write check: none`,
      },
    ]
  })
}

function checksOfAllPorts({ fleet, source, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const { check, ports } = service
    if (check === undefined || check.port !== undefined || source(service).check === undefined)
      return []
    const named = service.fwmark === undefined ? [] : ports.filter(({ port }) => port > 0)
    if (named.length > 0 || !ports.some(({ port }) => port === 0)) return []
    return [
      {
        message: `the check of ${service.name} has no port to ask: port 0 is all of them`,
        at: inService(service, "check"),
        hint: "give the check a tcp port to ask, or write check: none",
      },
    ]
  })
}

function slowChecks({ fleet, source, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const { check } = service
    if (check === undefined || check.timeoutMs <= check.intervalMs) return []
    if (source(service).check === undefined) return []
    const [timeout, interval] = [check.timeoutMs, check.intervalMs].map(formatDuration)
    const message = `the check of ${service.name} may take ${timeout} but comes every ${interval}`
    const hint = "write a timeout no longer than the interval"
    return [{ message, at: inService(service, "check", "timeout"), hint }]
  })
}

function relativeCommands({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const { check } = service
    if (check?.type !== "external") return []
    const [program = ""] = check.command
    if (program.startsWith("/")) return []
    const message = `the check of ${service.name} runs ${JSON.stringify(program)}, which is no absolute path`
    const hint = "write the whole path, such as /usr/local/lib/check-web"
    return [{ message, at: inService(service, "check", "command", 0), hint }]
  })
}

import { plural } from "../core/text.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on the quorum. */
export const quorumRules: readonly Rule[] = [
  {
    id: "quorum-servers",
    set: "service",
    reason: "the quorum could never be reached, and the sorry server would serve for ever",
    find: (context) =>
      breaches(context, "up", ({ name, quorum, backends }) =>
        quorum.up > backends.length
          ? {
              message: `the quorum of ${name} is ${quorum.up}, but it has ${plural(backends.length, "real server")}`,
              hint: `write up: ${backends.length} or less, or add real servers`,
            }
          : undefined,
      ),
  },
  {
    id: "quorum-hysteresis",
    set: "service",
    reason:
      "the quorum would be lost below up less hysteresis, which is never (keepalived.conf(5), hysteresis)",
    find: (context) =>
      breaches(context, "hysteresis", ({ name, quorum }) =>
        quorum.hysteresis >= quorum.up
          ? {
              message: `the hysteresis ${quorum.hysteresis} of ${name} is not below its quorum ${quorum.up}`,
              hint: `write hysteresis: ${quorum.up - 1} or less`,
            }
          : undefined,
      ),
  },
  {
    id: "quorum-regain",
    set: "service",
    severity: "warning",
    reason: "a lost quorum comes back at up plus hysteresis",
    find: (context) =>
      breaches(context, "hysteresis", ({ name, quorum, backends }) =>
        quorum.up <= backends.length &&
        quorum.hysteresis < quorum.up &&
        quorum.up + quorum.hysteresis > backends.length
          ? {
              message: `once lost, the quorum of ${name} comes back with ${quorum.up + quorum.hysteresis} real servers, but it has ${backends.length}`,
              hint: `write hysteresis: ${backends.length - quorum.up} or less`,
            }
          : undefined,
      ),
  },
  {
    id: "quorum-alone",
    set: "service",
    severity: "warning",
    reason: "losing the quorum brings the sorry server in, or refuses with all_down: remove",
    find: (context) =>
      breaches(context, "up", ({ name, quorum, sorryServer, allDown }) =>
        sorryServer === undefined && allDown === undefined && quorum.up > 1
          ? {
              message: `the quorum of ${name} has no effect: it has no sorry_server`,
              hint: "name a sorry_server, write all_down: remove, or remove the quorum",
            }
          : undefined,
      ),
  },
]

function breaches(
  { fleet, inService }: RuleContext,
  key: "up" | "hysteresis",
  breachOf: (service: VirtualService) => Omit<Breach, "at"> | undefined,
): Breach[] {
  return fleet.services
    .filter(({ backends }) => backends.length > 0)
    .flatMap((service) => {
      const breach = breachOf(service)
      return breach === undefined ? [] : [{ ...breach, at: inService(service, "quorum", key) }]
    })
}

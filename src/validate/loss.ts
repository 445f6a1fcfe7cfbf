import type { VirtualService } from "../model/fleet.ts"
import type { Service } from "../schema/services.gen.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on when a service counts as lost, and what becomes of it then. */
export const lossRules: readonly Rule[] = [
  {
    id: "watermark-quorum",
    set: "service",
    reason: "both say how many real servers a service needs, and only one can count",
    find: (context) =>
      breaches(context, "watermark", ({ name }, { watermark, quorum }) =>
        watermark !== undefined && quorum !== undefined
          ? {
              message: `${name} has both a quorum and a watermark`,
              hint: "keep one of them",
            }
          : undefined,
      ),
  },
  {
    id: "watermark-order",
    set: "service",
    reason: "a service that came back at high would be lost again at once",
    find: (context) =>
      breaches(context, "watermark", ({ name, watermark }) =>
        watermark !== undefined && watermark.high < watermark.low
          ? {
              message: `the watermark of ${name} comes back at ${watermark.high}, below its low mark ${watermark.low}`,
              hint: `write high: ${watermark.low} or more`,
            }
          : undefined,
      ),
  },
  {
    id: "watermark-alone",
    set: "service",
    severity: "warning",
    reason: "losing the watermark brings the sorry server in, or refuses with all_down: remove",
    find: (context) =>
      breaches(context, "watermark", ({ name, watermark, sorryServer, allDown }) =>
        watermark !== undefined && sorryServer === undefined && allDown === undefined
          ? {
              message: `the watermark of ${name} has no effect: it has no sorry_server`,
              hint: "name a sorry_server, or write all_down: remove",
            }
          : undefined,
      ),
  },
  {
    id: "all-down-sorry",
    set: "service",
    reason: "only one can take the connections that no real server can",
    find: (context) =>
      breaches(context, "all_down", ({ name, sorryServer }, { all_down: rule }) => {
        if (rule === "sorry" && sorryServer === undefined)
          return {
            message: `${name} has no sorry_server for all_down: sorry`,
            hint: "name a sorry_server, or write all_down: keep_last",
          }
        if (rule === undefined || rule === "sorry" || sorryServer === undefined) return undefined
        return {
          message: `${name} has a sorry_server, but all_down: ${rule} leaves it nothing to do`,
          hint: "write all_down: sorry, or remove the sorry_server",
        }
      }),
  },
]

function breaches(
  { fleet, inService, source }: RuleContext,
  key: "watermark" | "all_down",
  breachOf: (service: VirtualService, written: Service) => Omit<Breach, "at"> | undefined,
): Breach[] {
  return fleet.services.flatMap((service) => {
    const breach = breachOf(service, source(service))
    return breach === undefined ? [] : [{ ...breach, at: inService(service, key) }]
  })
}

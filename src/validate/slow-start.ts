import type { VirtualService } from "../model/fleet.ts"
import { weightUse } from "../model/weight-use.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on how real servers come in. */
export const slowStartRules: readonly Rule[] = [
  {
    id: "slow-start-weight",
    set: "service",
    severity: "warning",
    reason: "a weight is a whole number, and one of 1 can't grow",
    find: (context) =>
      breaches(context, ({ name, backends }) =>
        backends.length > 0 && backends.every(({ weight }) => weight <= 1)
          ? {
              message: `slow_start has no effect on ${name}: its real servers have weight 1`,
              hint: "give them weights with steps between, such as 100",
            }
          : undefined,
      ),
  },
  {
    id: "slow-start-check",
    set: "service",
    severity: "warning",
    reason: "only a check tells that a real server came up",
    find: (context) =>
      breaches(context, ({ name, check }) =>
        check === undefined
          ? {
              message: `slow_start has no effect on ${name}: its real servers are not checked`,
              hint: "give it a check, or remove slow_start",
            }
          : undefined,
      ),
  },
  {
    id: "slow-start-scheduler",
    set: "service",
    severity: "warning",
    reason: "the scheduler decides what a weight means",
    find: (context) => breaches(context, schedulerBreach),
  },
]

function schedulerBreach({ name, scheduler }: VirtualService): Omit<Breach, "at"> | undefined {
  const hint = "use wlc, wrr, sed or nq, or remove slow_start"
  const use = weightUse(scheduler)
  if (use === "none")
    return {
      message: `slow_start has no effect on ${name}: its scheduler ${scheduler} knows no weights`,
      hint,
    }
  if (use === "shares") return undefined
  return {
    message: `slow_start moves clients of ${name} at every step: its scheduler ${scheduler} places them by the weights`,
    hint,
  }
}

function breaches(
  { fleet, inService }: RuleContext,
  breachOf: (service: VirtualService) => Omit<Breach, "at"> | undefined,
): Breach[] {
  return fleet.services
    .filter(({ slowStartMs }) => slowStartMs !== undefined)
    .flatMap((service) => {
      const breach = breachOf(service)
      return breach === undefined ? [] : [{ ...breach, at: inService(service, "slow_start") }]
    })
}

import { sortProblems } from "../core/problem.ts"
import type { Problem } from "../core/problem.ts"
import type { Fleet } from "../model/fleet.ts"
import { isFreeBsd } from "../model/system.ts"
import type { Documents } from "../schema/documents.ts"
import { ruleContext } from "./context.ts"
import { toProblem, type Rule } from "./rule.ts"
import { rules } from "./rules.ts"
import { systemRules } from "./systems.ts"

/** All breaches of all rules in a fleet that was compiled from these documents. */
export function validateFleet(fleet: Fleet, documents: Documents): Problem[] {
  return breaches(rules, fleet, documents)
}

/** What its hosts cannot do on the systems that they run, as far as the fleet knows them. */
export function systemProblems(fleet: Fleet, documents: Documents): Problem[] {
  const usual = !fleet.hosts.some(({ system }) => isFreeBsd(system ?? {}))
  return usual ? [] : breaches(systemRules, fleet, documents)
}

function breaches(asked: readonly Rule[], fleet: Fleet, documents: Documents): Problem[] {
  const context = ruleContext(fleet, documents)
  return sortProblems(
    asked.flatMap((rule) => rule.find(context).map((breach) => toProblem(rule, breach))),
  )
}

import { sortProblems } from "../core/problem.ts"
import type { Problem } from "../core/problem.ts"
import type { Fleet } from "../model/fleet.ts"
import type { Documents } from "../schema/documents.ts"
import { ruleContext } from "./context.ts"
import { toProblem } from "./rule.ts"
import { rules } from "./rules.ts"

/** All breaches of all rules in a fleet that was compiled from these documents. */
export function validateFleet(fleet: Fleet, documents: Documents): Problem[] {
  const context = ruleContext(fleet, documents)
  return sortProblems(
    rules.flatMap((rule) => rule.find(context).map((breach) => toProblem(rule, breach))),
  )
}

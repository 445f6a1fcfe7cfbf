import type { Problem, Severity, SourceRef } from "../core/problem.ts"
import type { RuleContext } from "./context.ts"

/** One breach of a rule. */
export interface Breach {
  readonly message: string
  readonly at: SourceRef
  readonly hint: string
}

/** Something that a schema cannot say. Ids are stable and stand in docs/rules.md. */
export interface Rule {
  readonly id: string
  readonly set: "address" | "vrrp" | "service" | "backend" | "check"
  /** Why a breach hurts: what the kernel, keepalived or the network would make of it. */
  readonly reason: string
  /** A warning does not stop an apply. Default: error. */
  readonly severity?: Severity
  readonly find: (context: RuleContext) => readonly Breach[]
}

/** A breach as the problem that the user sees. */
export function toProblem(rule: Rule, breach: Breach): Problem {
  const severity = rule.severity === undefined ? {} : { severity: rule.severity }
  return { rule: rule.id, ...breach, ...severity }
}

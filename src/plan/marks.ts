import { family } from "../core/address.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import { markRules, type DirectorState } from "../model/desired.ts"
import { serviceName } from "../model/ipvs.ts"
import { matchName, type MarkRule } from "../model/mark-rules.ts"
import type { Change } from "../model/plan.ts"

/** What an apply would change in the marking rules of a director, by what its kernel holds. */
export function planMarks(wanted: DirectorState, { marks }: Pick<AgentStatus, "marks">): Change[] {
  const rules = byName(markRules(wanted))
  const held = byName(marks?.rules ?? [])
  const changes = [
    ...[...rules].filter(([name]) => !held.has(name)).map(([, rule]) => change("add", rule)),
    ...[...held].filter(([name]) => !rules.has(name)).map(([, rule]) => change("remove", rule)),
  ]
  // A chain without any rule left is removed, whatever else is wrong with it.
  if (changes.length > 0 || marks === undefined || marks.intact) return changes
  return [
    {
      kind: "ipvs",
      action: "edit",
      subject: "marking rules",
      meaning: "somebody changed lbctl's chain: as lbctl made it",
      risk: "low",
    },
  ]
}

function byName(rules: readonly MarkRule[]): Map<string, MarkRule> {
  return new Map(rules.map((rule) => [`${rule.fwmark} ${matchName(rule)}`, rule]))
}

/** Established connections are known to IPVS by their addresses: the mark counts for new ones. */
function change(action: "add" | "remove", rule: MarkRule): Change {
  const { fwmark, address } = rule
  const key = { kind: "fwmark", fwmark, family: family(address) ?? 4 } as const
  return {
    kind: "ipvs",
    action,
    subject: `virtual service ${serviceName(key)}`,
    meaning: `marking rule ${matchName(rule)}`,
    risk: "low",
  }
}

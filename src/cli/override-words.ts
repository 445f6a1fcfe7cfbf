import type { Override, ServerOverride } from "../model/override.ts"
import { actionWords, authorWords, liftingCommand, scopeName } from "../model/override.ts"

/** What was set, what it means for clients, and what ends it. */
export function settingWords(record: ServerOverride): string[] {
  return [`${scopeName(record)} is ${actionWords(record)}: ${effect(record)}`, endWords(record)]
}

/** Until when an override stands, and what ends it before. */
export function endWords(record: Override): string {
  const end = record.expires === undefined ? "until" : `until ${record.expires}, or`
  return `${end}: lbctl ${liftingCommand(record)}`
}

/** An override that stands, whose it is, and what lifts it. */
export function standingWords(override: Override): string {
  return `${scopeName(override)} is ${actionWords(override)} ${authorWords(override)}; lbctl ${liftingCommand(override)} ends it`
}

function effect({ action, host }: ServerOverride): string {
  const it = host === undefined ? "every real server" : "it"
  switch (action) {
    case "drain":
      return `${it} keeps its connections and gets no new ones`
    case "disable":
      return host === undefined
        ? "nobody is served, not by the sorry server either"
        : "it is out of the table, and its connections with it"
    case "weight":
      return "in place of the defined weight"
    default:
      return action satisfies never
  }
}

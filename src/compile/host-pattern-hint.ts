import { suggestion } from "../core/suggestion.ts"
import type { Inventory } from "../schema/documents.ts"

/** What somebody may have meant by a term that matches nothing. */
export function unmatchedHint(term: string, scope: Pick<Inventory, "hosts" | "groups">): string {
  const alias = scope.hosts.find((host) => host.vars["ansible_host"] === term)
  if (alias !== undefined)
    return `it is the ansible_host of ${alias.name}: patterns name hosts as the inventory does`
  const range = /^([^[]*)\[[^\]]+:[^\]]+\](.*)$/.exec(term)
  const [, head = "", tail = ""] = range ?? []
  if (range !== null && scope.groups[head] === undefined)
    return `ranges are for inventories; a pattern says it with a glob: ${head}*${tail}`
  if (/^(.+)\[:\d+\]$/.test(term)) return "a slice names its first: GROUP[0:2]"
  const group = /^(.+)\[-?\d+(?::\d*)?\]$/.exec(term)?.[1]
  const count = group === undefined ? undefined : scope.groups[group]?.length
  if (count !== undefined) return `${group} has ${count} hosts, counted from 0`
  const known = [
    ...new Set([...scope.hosts.map((host) => host.name), ...Object.keys(scope.groups)]),
  ]
  return suggestion(term, known, `there are: ${shortList(known)}`)
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ")
  return names.length > 12 ? `${shown}, ... (${names.length} in all)` : shown
}

import { compareText } from "../core/text.ts"
import type { LoadedInventory } from "../load/inventory.ts"
import { valuesOf } from "./inventory-list.ts"
import { pythonText } from "./python-text.ts"

/** What `ansible-inventory --graph` prints: groups and hosts as a tree below `start`, with their variables when asked for. */
export function inventoryGraph(loaded: LoadedInventory, start: string, vars: boolean): string {
  const { groups, layers } = loaded
  const ofGroup = (name: string, depth: number): string[] => {
    const group = groups.get(name)
    const hosts = name === "all" ? [] : (group?.hosts ?? [])
    return [
      branch(`@${name}:`, depth),
      ...(group?.children ?? []).flatMap((child) => ofGroup(child, depth + 1)),
      ...hosts.flatMap((host) => [
        branch(host, depth + 1),
        ...variables(vars ? valuesOf(layers.ofHost(host)) : {}, depth + 2),
      ]),
      ...variables(vars ? { ...valuesOf(layers.ofGroup(name)), ...priority(name) } : {}, depth + 1),
    ]
  }
  const priority = (name: string): Readonly<Record<string, unknown>> => {
    const found = groups.get(name)?.node.priority ?? 1
    return found === 1 ? {} : { ansible_group_priority: found }
  }
  return ofGroup(start, 0).join("\n")
}

function variables(values: Readonly<Record<string, unknown>>, depth: number): string[] {
  return Object.entries(values)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => branch(`{${name} = ${pythonText(value)}}`, depth))
}

function branch(text: string, depth: number): string {
  return depth === 0 ? text : `${"  |".repeat(depth)}--${text}`
}

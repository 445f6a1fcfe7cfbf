import type { Problem, SourceRef } from "../core/problem.ts"
import { quotedSuggestion } from "../core/suggestion.ts"
import { nearest } from "../core/text.ts"
import type { Host } from "../model/fleet.ts"
import type { Inventory } from "../schema/documents.ts"
import { addressOrder } from "./address-order.ts"
import type { AddressOrder } from "./address-order.ts"

/** What definitions refer to, and where their problems go. */
export interface Scope {
  readonly hosts: ReadonlyMap<string, Host>
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** Of the hosts' data addresses. */
  readonly order: AddressOrder
  readonly report: (problem: Problem) => void
  /** Names of the hosts that direct or serve; grows while definitions are compiled. */
  readonly parts: Set<string>
}

/** The scope of an inventory whose hosts are compiled. */
export function scopeOf(
  inventory: Inventory,
  hosts: readonly Host[],
  report: (problem: Problem) => void,
): Scope {
  return {
    hosts: new Map(hosts.map((host) => [host.name, host])),
    groups: new Map(Object.entries(inventory.groups)),
    order: addressOrder(hosts.flatMap(({ addresses }) => addresses)),
    report,
    parts: new Set(),
  }
}

/** The hosts of a group in inventory order; undefined, and reported, when there is no such group or nobody in it. */
export function membersOf(
  scope: Scope,
  group: string,
  at: () => SourceRef,
): readonly Host[] | undefined {
  const members = scope.groups.get(group)
  if (members === undefined) {
    scope.report({
      rule: "group-unknown",
      message: `the inventory has no group "${group}"`,
      at: at(),
      hint: groupHint(scope, group),
    })
    return undefined
  }
  if (members.length === 0) {
    const hint = "put hosts into the group, or name another group"
    scope.report({
      rule: "group-empty",
      message: `the group "${group}" has no host`,
      at: at(),
      hint,
    })
    return undefined
  }
  return members.flatMap((name) => takePart(scope, name) ?? [])
}

/** The host of that name; undefined, and reported, when the inventory has none. */
export function hostNamed(scope: Scope, name: string, at: () => SourceRef): Host | undefined {
  const host = takePart(scope, name)
  if (host === undefined) {
    const hint = quotedSuggestion(name, [...scope.hosts.keys()], "add it to the inventory")
    const message = `the inventory has no host "${name}"`
    scope.report({ rule: "host-unknown", message, at: at(), hint })
  }
  return host
}

function takePart(scope: Scope, name: string): Host | undefined {
  const host = scope.hosts.get(name)
  if (host !== undefined) scope.parts.add(name)
  return host
}

function groupHint(scope: Scope, group: string): string {
  const known = [...scope.groups.keys()]
  if (scope.hosts.has(group) && nearest(group, known) === undefined)
    return `"${group}" is a host: put it into a group and name that`
  return quotedSuggestion(group, known, `its groups are ${known.join(", ")}`)
}

import type { Problem } from "../core/problem.ts"
import type { GroupNode, InventoryTree } from "./inventory-parts.ts"

/** How groups hang together once `all` and `ungrouped` hold what they hold by definition. */
export interface InventoryGraph {
  /** Groups of a host, inherited ones too, in the order in which their variables apply: the last wins. */
  readonly groupsOf: (host: string) => readonly GroupNode[]
  /** Hosts of a group, its children's too: its own first, then level by level. */
  readonly hostsOf: (group: string) => readonly string[]
  /** Groups right below a group, in the order in which they came there. */
  readonly childrenOf: (group: string) => readonly string[]
  /** Hosts that are in the group itself. */
  readonly membersOf: (group: string) => readonly string[]
}

type Links = ReadonlyMap<string, readonly string[]>

/**
 * Completes the tree as Ansible does (inventory/data.py, reconcile_inventory): groups without a parent belong to `all`,
 * hosts without a group to `ungrouped`. Groups sort by depth (the longest way down from `all`), then
 * ansible_group_priority, then name (inventory/helpers.py, sort_groups). Problem: inventory-loop.
 */
export function linkInventory(tree: InventoryTree): {
  readonly graph: InventoryGraph
  readonly problems: readonly Problem[]
} {
  const { accepted, problems } = withoutLoops(tree)
  const children = belowAll(tree, accepted)
  const members = memberships(tree)
  const parents = invert(children)
  const groups = invert(members)
  const depths = new Map<string, number>()
  const order = (a: GroupNode, b: GroupNode): number =>
    depth(a.name, parents, depths) - depth(b.name, parents, depths) ||
    a.priority - b.priority ||
    (a.name < b.name ? -1 : 1)
  const graph: InventoryGraph = {
    groupsOf: (host) =>
      reach(["all", ...(groups.get(host) ?? [])], parents)
        .flatMap((name) => tree.groups.get(name) ?? [])
        .sort(order),
    childrenOf: (group) => children.get(group) ?? [],
    membersOf: (group) => members.get(group) ?? [],
    hostsOf: (group) => [
      ...new Set(reach([group], children).flatMap((name) => members.get(name) ?? [])),
    ],
  }
  return { graph, problems }
}

function withoutLoops(tree: InventoryTree): { accepted: Links; problems: Problem[] } {
  const accepted = new Map<string, string[]>()
  const problems: Problem[] = []
  for (const group of tree.groups.values()) {
    const own: string[] = []
    accepted.set(group.name, own)
    for (const [child, at] of group.children) {
      if (child !== "all" && !reach([child], accepted).includes(group.name)) own.push(child)
      else {
        const message = `the group ${child} cannot be a child of ${group.name}: it contains it`
        const hint = "take one of the two children out"
        problems.push({ rule: "inventory-loop", message, at, hint })
      }
    }
  }
  return { accepted, problems }
}

function belowAll(tree: InventoryTree, accepted: Links): Links {
  const parented = new Set([...accepted.values()].flat())
  const orphans = [...tree.groups.keys()].filter((name) => name !== "all" && !parented.has(name))
  const children = new Map(accepted)
  // Ansible makes `ungrouped` the first child of `all`, before it reads the file.
  const first = orphans.filter((name) => name === "ungrouped")
  const rest = orphans.filter((name) => name !== "ungrouped")
  return children.set("all", [...first, ...(accepted.get("all") ?? []), ...rest])
}

/** Direct hosts of each group; `ungrouped` has those that no group but `all` names. */
function memberships(tree: InventoryTree): Links {
  const members = new Map<string, readonly string[]>()
  const grouped = new Set<string>()
  for (const { name, hosts } of tree.groups.values()) {
    members.set(name, [...hosts])
    if (name !== "all" && name !== "ungrouped") for (const host of hosts) grouped.add(host)
  }
  const named = members.get("ungrouped") ?? []
  const rest = [...named, ...tree.hosts.keys()].filter((host) => !grouped.has(host))
  return members.set("ungrouped", [...new Set(rest)])
}

function invert(links: Links): Links {
  const inverse = new Map<string, string[]>()
  for (const [from, targets] of links)
    for (const to of targets) {
      const known = inverse.get(to)
      if (known === undefined) inverse.set(to, [from])
      else known.push(from)
    }
  return inverse
}

/** All that can be reached from `start`, itself included, nearest first. */
function reach(start: readonly string[], links: Links): string[] {
  const seen = new Set(start)
  // A Set hands out what is added while it is walked, so this goes level by level.
  for (const name of seen) for (const next of links.get(name) ?? []) seen.add(next)
  return [...seen]
}

function depth(name: string, parents: Links, known: Map<string, number>): number {
  const found = known.get(name)
  if (found !== undefined) return found
  const above = (parents.get(name) ?? []).map((parent) => depth(parent, parents, known) + 1)
  const result = Math.max(0, ...above)
  known.set(name, result)
  return result
}

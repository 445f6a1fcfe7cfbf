import type { Problem, SourceRef } from "../core/problem.ts"
import type { Inventory, InventoryHost } from "../schema/documents.ts"
import { displayPath } from "./disk.ts"
import { InventoryBuilder } from "./inventory-builder.ts"
import { readInventoryFile } from "./inventory-file.ts"
import { linkInventory } from "./inventory-graph.ts"
import type { InventoryGraph } from "./inventory-graph.ts"
import type { GroupNode, HostNode, InventoryTree } from "./inventory-parts.ts"
import type { InventorySource } from "./inventory-sources.ts"
import { variableLayers } from "./inventory-layers.ts"
import type { Layers } from "./inventory-layers.ts"
import type { Reading } from "./read-document.ts"

/** An inventory, and how it came to be what it is. */
export interface LoadedInventory {
  readonly inventory: Inventory
  /** Every group with its own hosts, children and variables. */
  readonly groups: ReadonlyMap<string, LinkedGroup>
  readonly layers: Layers
}

/** A group as Ansible links it: `all` above the others, `ungrouped` with who has no group. */
export interface LinkedGroup {
  readonly node: GroupNode
  readonly children: readonly string[]
  readonly hosts: readonly string[]
}

/**
 * Reads sources, the later over the earlier, with the `group_vars` and `host_vars` beside them, resolved as Ansible resolves
 * them; undefined when one of them can't be read. Problems go to `reading`: inventory-empty and those of the parts.
 */
export function loadInventory(
  sources: readonly InventorySource[],
  reading: Reading,
): LoadedInventory | undefined {
  const files = sources.flatMap((source) => source.files)
  const file = displayPath(files[0] ?? "", reading.currentFolder)
  const start: SourceRef = { file, line: 1, column: 1 }
  const builder = new InventoryBuilder(start)
  for (const path of files) readInventoryFile(path, builder, reading)
  const { tree, problems } = builder
  const { graph, problems: loops } = linkInventory(tree)
  reading.problems.push(...problems, ...loops)
  // A broken part may be what held the hosts: only a sound inventory is called empty.
  if (tree.hosts.size === 0 && problems.length === 0) reading.problems.push(emptiness(start))
  warnOfSharedNames(tree, reading)
  if (problems.some(({ rule }) => unreadable.test(rule))) return undefined
  const layers = variableLayers(tree, graph, foldersOf(sources), reading)
  return { inventory: resolved(tree, graph, layers), groups: linked(tree, graph), layers }
}

/** Rules of files that could not be read at all: what else is wrong with their hosts is guesswork. */
const unreadable = /^(?:yaml|file)-/

/** Each once; where two sources share a folder it has the place of the later. */
function foldersOf(sources: readonly InventorySource[]): string[] {
  const folders = sources.map((source) => source.folder)
  return folders.filter((folder, index) => !folders.includes(folder, index + 1))
}

function resolved(tree: InventoryTree, graph: InventoryGraph, layers: Layers): Inventory {
  const hosts = graph.hostsOf("all").flatMap((name) => tree.hosts.get(name) ?? [])
  return {
    hosts: hosts.map((host) => resolvedHost(host, graph, layers)),
    groups: Object.fromEntries([...tree.groups.keys()].map((name) => [name, graph.hostsOf(name)])),
  }
}

/** A later value replaces an earlier one whole (Ansible's DEFAULT_HASH_BEHAVIOUR, replace). */
function resolvedHost(host: HostNode, graph: InventoryGraph, layers: Layers): InventoryHost {
  const vars: [string, unknown][] = []
  const varAt: [string, SourceRef][] = []
  const all = layers.ofHost(host.name).flatMap((layer) => [...layer.vars])
  for (const [name, { value, at }] of new Map(all)) {
    vars.push([name, value])
    varAt.push([name, at])
  }
  return {
    name: host.name,
    at: host.at,
    groups: graph.groupsOf(host.name).map((group) => group.name),
    vars: Object.fromEntries(vars),
    varAt: Object.fromEntries(varAt),
  }
}

function linked(tree: InventoryTree, graph: InventoryGraph): ReadonlyMap<string, LinkedGroup> {
  return new Map(
    [...tree.groups.values()].map((node) => [
      node.name,
      { node, children: graph.childrenOf(node.name), hosts: graph.membersOf(node.name) },
    ]),
  )
}

function emptiness(at: SourceRef): Problem {
  return {
    rule: "inventory-empty",
    message: "the inventory has no hosts",
    at,
    hint: "name them under hosts: of a group, one a line: `rs1: { ansible_host: 192.0.2.11 }`",
  }
}

function warnOfSharedNames(tree: InventoryTree, reading: Reading): void {
  for (const host of tree.hosts.values())
    if (tree.groups.has(host.name))
      reading.problems.push({
        rule: "inventory-name",
        severity: "warning",
        message: `${host.name} is the name of a host and of a group`,
        at: host.at,
        hint: "rename one: whoever names it means either",
      })
}

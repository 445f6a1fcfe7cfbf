import { dirname, join } from "node:path"
import type { SourceRef } from "../core/problem.ts"
import type { Inventory, InventoryHost } from "../schema/documents.ts"
import { linkInventory } from "./inventory-graph.ts"
import type { InventoryGraph } from "./inventory-graph.ts"
import { readInventoryTree } from "./inventory-tree.ts"
import type { GroupNode, HostNode, InventoryTree, Variables } from "./inventory-parts.ts"
import { readDocument } from "./read-document.ts"
import type { Reading } from "./read-document.ts"
import { varsFolder } from "./vars-files.ts"

/**
 * Reads an inventory file with the `group_vars` and `host_vars` beside it, resolved as Ansible resolves it; undefined
 * when the file cannot be parsed. Problems go to `reading`: inventory-empty and those of the parts.
 */
export function loadInventory(path: string, reading: Reading): Inventory | undefined {
  const document = readDocument(path, reading)
  if (document === undefined) return undefined
  const { tree, problems } = readInventoryTree(document)
  const { graph, problems: loops } = linkInventory(tree)
  reading.problems.push(...problems, ...loops)
  // A broken part may be what held the hosts: only a sound file is called empty.
  if (tree.hosts.size === 0 && problems.length === 0)
    reading.problems.push({
      rule: "inventory-empty",
      message: "the inventory has no hosts",
      at: { file: document.file, line: 1, column: 1 },
      hint: "name them under hosts: of a group, one a line: `rs1: { ansible_host: 192.0.2.11 }`",
    })
  warnOfSharedNames(tree, reading)
  const resolve = resolver(graph, dirname(path), reading)
  const hosts = graph.hostsOf("all").flatMap((name) => tree.hosts.get(name) ?? [])
  return {
    hosts: hosts.map(resolve),
    groups: Object.fromEntries([...tree.groups.keys()].map((name) => [name, graph.hostsOf(name)])),
  }
}

/**
 * Variables by Ansible's precedence (constants VARIABLE_PRECEDENCE, vars/manager.py), lowest first: groups' own in the
 * inventory file, `all` before all others; group_vars in the same order; the host's own; host_vars. A later value
 * replaces an earlier one whole.
 */
function resolver(
  graph: InventoryGraph,
  folder: string,
  reading: Reading,
): (host: HostNode) => InventoryHost {
  const groupVars = remembered(varsFolder(join(folder, "group_vars"), reading))
  const hostVars = varsFolder(join(folder, "host_vars"), reading)
  return (host) => {
    const groups = graph.groupsOf(host.name)
    const layers = [
      ...groups.map((group: GroupNode): Variables => group.vars),
      ...groups.map((group) => groupVars(group.name)),
      host.vars,
      hostVars(host.name),
    ]
    const vars: [string, unknown][] = []
    const varAt: [string, SourceRef][] = []
    for (const [name, { value, at }] of new Map(layers.flatMap((layer) => [...layer]))) {
      vars.push([name, value])
      varAt.push([name, at])
    }
    return {
      name: host.name,
      at: host.at,
      groups: groups.map((group) => group.name),
      vars: Object.fromEntries(vars),
      varAt: Object.fromEntries(varAt),
    }
  }
}

function remembered<T>(compute: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const value = compute(name)
    known.set(name, value)
    return value
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

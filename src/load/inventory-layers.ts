import { join } from "node:path"
import type { InventoryGraph } from "./inventory-graph.ts"
import type { GroupNode, InventoryTree, Variables } from "./inventory-parts.ts"
import type { Reading } from "./read-document.ts"
import { varsFolder } from "./vars-files.ts"

/** Variables of one origin. */
export interface Layer {
  /** Whose they are: `group web`, `host rs1`. */
  readonly of: string
  readonly vars: Variables
}

/** Where variables come from. */
export interface Layers {
  /** All that a host inherits and has, lowest first. */
  readonly ofHost: (name: string) => readonly Layer[]
  /** What is set for the group itself, lowest first. */
  readonly ofGroup: (name: string) => readonly Layer[]
}

/**
 * Variables by Ansible's precedence (constants VARIABLE_PRECEDENCE, vars/manager.py), lowest first: groups' own in the
 * sources, `all` before all others; group_vars/all of each folder; each folder's group_vars in the order of the groups;
 * the host's own; host_vars of each folder. `folders` are those of the sources, in their order.
 */
export function variableLayers(
  tree: InventoryTree,
  graph: InventoryGraph,
  folders: readonly string[],
  reading: Reading,
): Layers {
  const groupVars = folders.map((folder) => reader(join(folder, "group_vars"), reading))
  const hostVars = folders.map((folder) => reader(join(folder, "host_vars"), reading))
  const inline = (group: GroupNode): Layer => ({ of: `group ${group.name}`, vars: group.vars })
  return {
    ofHost: (name) => {
      const groups = graph.groupsOf(name)
      const all = groups.filter((group) => group.name === "all")
      const others = groups.filter((group) => group.name !== "all")
      const of = `host ${name}`
      return [
        ...groups.map(inline),
        ...[all, others].flatMap((some) =>
          groupVars.flatMap((read) =>
            some.map((group) => ({ of: `group ${group.name}`, vars: read(group.name) })),
          ),
        ),
        { of, vars: tree.hosts.get(name)?.vars ?? none },
        ...hostVars.map((read) => ({ of, vars: read(name) })),
      ]
    },
    ofGroup: (name) => {
      const group = tree.groups.get(name)
      const files = groupVars.map((read) => ({ of: `group ${name}`, vars: read(name) }))
      return group === undefined ? [] : [inline(group), ...files]
    },
  }
}

const none: Variables = new Map()

/** Each file is read once, however many hosts it is for. */
function reader(folder: string, reading: Reading): (name: string) => Variables {
  const read = varsFolder(folder, reading)
  const known = new Map<string, Variables>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const vars = read(name)
    known.set(name, vars)
    return vars
  }
}

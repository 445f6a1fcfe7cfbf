import type { Problem, SourceRef } from "../core/problem.ts"
import { expandHostPattern } from "./host-range.ts"
import type { GroupNode, HostNode, InventoryTree, Variables } from "./inventory-parts.ts"
import { kindOfValue } from "./read-document.ts"

/** A name that is safe as the name of a file, an argument and a host. */
const safeName = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]*$/u

/**
 * Grows one tree out of all sources of an inventory, whatever their format, in the order in which they are read. Problems:
 * inventory-range, inventory-name, inventory-priority, and what the readers of the formats add.
 */
export class InventoryBuilder {
  readonly tree: InventoryTree = { groups: new Map(), hosts: new Map() }
  readonly problems: Problem[] = []

  constructor(start: SourceRef) {
    this.group("all", start)
    this.group("ungrouped", start)
  }

  /** The group of that name, new when nothing has named it yet; undefined, and told, for what can't be a name. */
  namedGroup(name: string, at: SourceRef): GroupNode | undefined {
    return this.#checkName("group", name, at) ? this.group(name, at) : undefined
  }

  /** The group of that name, new when nothing has named it yet. */
  group(name: string, at: SourceRef): GroupNode {
    const known = this.tree.groups.get(name)
    if (known !== undefined) return known
    const hosts = new Set<string>()
    const group = { name, at, hosts, children: new Map(), vars: new Map(), priority: 1 }
    this.tree.groups.set(name, group)
    return group
  }

  /** Puts the hosts that `pattern` stands for, a range perhaps, into the group, and gives them the variables. */
  addHosts(group: GroupNode, pattern: string, vars: Variables, at: SourceRef): void {
    const expanded = expandHostPattern(pattern)
    if (!expanded.ok) {
      const message = `${pattern}: ${expanded.error}`
      const hint = "ranges look like rs[01:20], lb[a:c] or rs[1:9:2]"
      this.problems.push({ rule: "inventory-range", message, at, hint })
      return
    }
    const { names, port } = expanded.value
    for (const name of names) if (!this.addHost(group, name, vars, at, port)) return
  }

  /** Puts one host into the group; false, and told, when that can't be its name. A port counts where the host is new. */
  addHost(group: GroupNode, name: string, vars: Variables, at: SourceRef, port?: number): boolean {
    if (!this.#checkName("host", name, at)) return false
    const host = this.#host(name, at, port)
    for (const [key, variable] of vars) host.vars.set(key, variable)
    group.hosts.add(name)
    return true
  }

  /** Adds a child, once. */
  addChild(group: GroupNode, child: string, at: SourceRef): void {
    if (!group.children.has(child)) group.children.set(child, at)
  }

  /** Sets a variable of a group; `ansible_group_priority` is none, but its place among its siblings. */
  setGroupVariable(group: GroupNode, name: string, value: unknown, at: SourceRef): void {
    if (name !== "ansible_group_priority") {
      group.vars.set(name, { value, at })
      return
    }
    const priority = typeof value === "string" && value.trim() !== "" ? Number(value) : value
    if (typeof priority === "number" && Number.isInteger(priority)) group.priority = priority
    else {
      const message = `ansible_group_priority is ${kindOfValue(value)}, where a whole number belongs`
      this.problems.push({ rule: "inventory-priority", message, at })
    }
  }

  #host(name: string, at: SourceRef, port: number | undefined): HostNode {
    const known = this.tree.hosts.get(name)
    if (known !== undefined) return known
    const host: HostNode = { name, at, vars: new Map() }
    if (port !== undefined) host.vars.set("ansible_port", { value: port, at })
    this.tree.hosts.set(name, host)
    return host
  }

  #checkName(what: "host" | "group", name: string, at: SourceRef): boolean {
    if (safeName.test(name)) return true
    this.problems.push({
      rule: "inventory-name",
      message: `${JSON.stringify(name)} cannot be the name of a ${what}`,
      at,
      hint: "names hold letters, digits, dot, colon, hyphen and underscore, and begin with a letter, digit or underscore",
    })
    return false
  }
}

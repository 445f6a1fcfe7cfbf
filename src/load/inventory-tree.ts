import type { Problem, SourceRef } from "../core/problem.ts"
import { nearest } from "../core/text.ts"
import type { Document, DocumentPath } from "../schema/documents.ts"
import { expandHostPattern } from "./host-range.ts"
import { convertHint } from "./convert-hint.ts"
import type { GroupNode, HostNode, InventoryTree, Variable } from "./inventory-parts.ts"
import { asMapping, kindOfValue } from "./read-document.ts"

const groupKeys = ["hosts", "children", "vars"]

/** A name that is safe as the name of a file, an argument and a host. */
const safeName = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]*$/u

/**
 * Reads an inventory in Ansible's YAML form (its plugins/inventory/yaml.py): top-level keys are groups, each with
 * hosts, children and vars; a group may come up again and grows. Problems: inventory-format, inventory-group,
 * inventory-key, inventory-range, inventory-name, inventory-priority.
 */
export function readInventoryTree(document: Document): {
  readonly tree: InventoryTree
  readonly problems: readonly Problem[]
} {
  const reader = new TreeReader(document)
  reader.read()
  return { tree: reader.tree, problems: reader.problems }
}

class TreeReader {
  readonly tree: InventoryTree = { groups: new Map(), hosts: new Map() }
  readonly problems: Problem[] = []
  readonly #document: Document

  constructor(document: Document) {
    this.#document = document
  }

  read(): void {
    const start: SourceRef = { file: this.#document.file, line: 1, column: 1 }
    this.#group("all", start)
    this.#group("ungrouped", start)
    const value = this.#document.value ?? {}
    const groups = asMapping(value)
    if (groups === undefined) {
      const message = `an inventory is a mapping of groups, this is ${kindOfValue(value)}`
      this.#complain("inventory-format", [], message, "begin with all: and hosts: below it")
    } else if (Object.hasOwn(groups, "plugin")) {
      const message = "inventory plugins are not supported"
      this.#complain("inventory-format", ["plugin"], message, convertHint(this.#document.file))
    } else for (const [name, body] of Object.entries(groups)) this.#readGroup(name, body, [name])
  }

  #readGroup(name: string, body: unknown, path: DocumentPath): void {
    if (!this.#checkName("group", name, path)) return
    const group = this.#group(name, this.#document.locateKey(path))
    if (body === null) return
    const sections = asMapping(body)
    if (sections === undefined) {
      const message = `the group ${name} is ${kindOfValue(body)}`
      this.#complain("inventory-group", path, message, `a group holds ${groupKeys.join(", ")}`)
      return
    }
    for (const [key, value] of Object.entries(sections))
      this.#readSection(group, key, value, [...path, key])
  }

  #readSection(group: GroupNode, key: string, value: unknown, path: DocumentPath): void {
    if (!groupKeys.includes(key)) {
      const near = nearest(key, groupKeys)
      const message = `the group ${group.name} has the unknown key ${key}`
      const hint =
        near === undefined ? `a group holds ${groupKeys.join(", ")}` : `did you mean ${near}?`
      this.problems.push({
        rule: "inventory-key",
        message,
        at: this.#document.locateKey(path),
        hint,
      })
      return
    }
    for (const [name, body] of this.#entries(key, value, path))
      this.#readEntry(group, key, name, body, [...path, name])
  }

  #readEntry(group: GroupNode, key: string, name: string, body: unknown, path: DocumentPath): void {
    if (key === "hosts") this.#readHosts(group, name, body, path)
    else if (key === "vars") this.#readGroupVariable(group, name, body, path)
    else {
      this.#readGroup(name, body, path)
      if (this.tree.groups.has(name) && !group.children.has(name))
        group.children.set(name, this.#document.locateKey(path))
    }
  }

  /** A lone name stands for a mapping with that key, as in `hosts: lb9`. */
  #entries(key: string, value: unknown, path: DocumentPath): [string, unknown][] {
    if (value === null) return []
    if (typeof value === "string" && key !== "vars") return [[value, null]]
    const mapping = asMapping(value)
    if (mapping !== undefined) return Object.entries(mapping)
    const message = `${key} is ${kindOfValue(value)}, where a mapping belongs`
    const hint =
      key === "vars"
        ? "write NAME: VALUE lines"
        : "write each name with a colon: `rs1:`, not `- rs1`"
    this.#complain("inventory-group", path, message, hint)
    return []
  }

  #readHosts(group: GroupNode, pattern: string, body: unknown, path: DocumentPath): void {
    const at = this.#document.locateKey(path)
    const expanded = expandHostPattern(pattern)
    if (!expanded.ok) {
      const hint = "ranges look like rs[01:20], lb[a:c] or rs[1:9:2]"
      this.problems.push({
        rule: "inventory-range",
        message: `${pattern}: ${expanded.error}`,
        at,
        hint,
      })
      return
    }
    const vars = this.#variables(body ?? {}, path)
    const { names, port } = expanded.value
    for (const name of names) {
      if (!this.#checkName("host", name, path)) return
      const host = this.#host(name, at, port)
      for (const [key, variable] of vars) host.vars.set(key, variable)
      group.hosts.add(name)
    }
  }

  #variables(body: unknown, path: DocumentPath): Map<string, Variable> {
    const mapping = asMapping(body)
    if (mapping === undefined) {
      const message = `a host's variables are a mapping, this is ${kindOfValue(body)}`
      this.#complain("inventory-group", path, message, "write `rs1: { ansible_host: 192.0.2.1 }`")
      return new Map()
    }
    return new Map(
      Object.entries(mapping).map(([key, value]) => [
        key,
        { value, at: this.#document.locate([...path, key]) },
      ]),
    )
  }

  #readGroupVariable(group: GroupNode, name: string, value: unknown, path: DocumentPath): void {
    const at = this.#document.locate(path)
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

  #group(name: string, at: SourceRef): GroupNode {
    const known = this.tree.groups.get(name)
    if (known !== undefined) return known
    const hosts = new Set<string>()
    const group = { name, at, hosts, children: new Map(), vars: new Map(), priority: 1 }
    this.tree.groups.set(name, group)
    return group
  }

  #host(name: string, at: SourceRef, port: number | undefined): HostNode {
    const known = this.tree.hosts.get(name)
    if (known !== undefined) return known
    const host: HostNode = { name, at, vars: new Map() }
    if (port !== undefined) host.vars.set("ansible_port", { value: port, at })
    this.tree.hosts.set(name, host)
    return host
  }

  #checkName(what: "host" | "group", name: string, path: DocumentPath): boolean {
    if (safeName.test(name)) return true
    this.problems.push({
      rule: "inventory-name",
      message: `${JSON.stringify(name)} cannot be the name of a ${what}`,
      at: this.#document.locateKey(path),
      hint: "names hold letters, digits, dot, colon, hyphen and underscore, and begin with a letter, digit or underscore",
    })
    return false
  }

  #complain(rule: string, path: DocumentPath, message: string, hint: string): void {
    this.problems.push({ rule, message, at: this.#document.locate(path), hint })
  }
}

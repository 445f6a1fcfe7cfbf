import { suggestion } from "../core/suggestion.ts"
import type { Document, DocumentPath } from "../schema/documents.ts"
import { convertHint } from "./convert-hint.ts"
import type { InventoryBuilder } from "./inventory-builder.ts"
import type { GroupNode, Variable } from "./inventory-parts.ts"
import { asMapping, kindOfValue } from "./read-document.ts"

const groupKeys = ["hosts", "children", "vars"]

/**
 * Reads an inventory in Ansible's YAML form (its plugins/inventory/yaml.py): top-level keys are groups, each with
 * hosts, children and vars; a group may come up again and grows. Problems: inventory-format, inventory-group,
 * inventory-key, and those of the builder.
 */
export function readYamlInventory(document: Document, builder: InventoryBuilder): void {
  new TreeReader(document, builder).read()
}

class TreeReader {
  readonly #document: Document
  readonly #builder: InventoryBuilder

  constructor(document: Document, builder: InventoryBuilder) {
    this.#document = document
    this.#builder = builder
  }

  read(): void {
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
    const group = this.#builder.namedGroup(name, this.#document.locateKey(path))
    if (group === undefined || body === null) return
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
      const message = `the group ${group.name} has the unknown key ${key}`
      const hint = suggestion(key, groupKeys, `a group holds ${groupKeys.join(", ")}`)
      this.#builder.problems.push({
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
    else if (key === "vars")
      this.#builder.setGroupVariable(group, name, body, this.#document.locate(path))
    else {
      this.#readGroup(name, body, path)
      if (this.#builder.tree.groups.has(name))
        this.#builder.addChild(group, name, this.#document.locateKey(path))
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
    const vars = this.#variables(body ?? {}, path)
    this.#builder.addHosts(group, pattern, vars, this.#document.locateKey(path))
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

  #complain(rule: string, path: DocumentPath, message: string, hint: string): void {
    this.#builder.problems.push({ rule, message, at: this.#document.locate(path), hint })
  }
}

import { suggestion } from "../core/suggestion.ts"
import type { SourceRef } from "../core/problem.ts"
import { nearest } from "../core/text.ts"
import type { InventoryBuilder } from "./inventory-builder.ts"
import type { GroupNode, Variable } from "./inventory-parts.ts"
import { readPythonLiteral } from "./python-literal.ts"
import { splitWords } from "./shell-split.ts"

const kinds = ["hosts", "vars", "children"]

/**
 * Reads an inventory in Ansible's INI form (its plugins/inventory/ini.py): hosts with variables below `[GROUP]`, `NAME=VALUE`
 * below `[GROUP:vars]`, groups below `[GROUP:children]`. Values are typed as Python literals, those of `:vars` too, whatever
 * Ansible's documentation says. Problems: inventory-ini, inventory-group, and those of the builder.
 */
export function readIniInventory(text: string, file: string, builder: InventoryBuilder): void {
  new IniReader(file, builder).read(text)
}

/** A group that is named as a child, or given variables, before the file says that there is one. */
interface Awaited {
  readonly at: SourceRef
  readonly parents: GroupNode[]
}

interface Section {
  readonly group: GroupNode
  readonly kind: string
}

class IniReader {
  readonly #file: string
  readonly #builder: InventoryBuilder
  readonly #children = new Map<string, Awaited>()
  readonly #variables = new Map<string, SourceRef>()
  /** Undefined below a header that can't be read: what stands there is passed over. */
  #section: Section | undefined

  constructor(file: string, builder: InventoryBuilder) {
    this.#file = file
    this.#builder = builder
  }

  read(text: string): void {
    const start = { file: this.#file, line: 1, column: 1 }
    this.#section = { group: this.#builder.group("ungrouped", start), kind: "hosts" }
    text
      .replace(/^\uFEFF/, "")
      .split(/\r\n|\r|\n/)
      .forEach((line, index) => this.#readLine(line, index + 1))
    for (const [name, { at, parents }] of this.#children)
      this.#undefined(name, `is a child of ${parents.map((parent) => parent.name).join(", ")}`, at)
    for (const [name, at] of this.#variables) this.#undefined(name, "has variables", at)
  }

  #readLine(raw: string, line: number): void {
    const content = raw.trim()
    if (content === "" || /^[#;]/.test(content)) return
    const indent = raw.length - raw.trimStart().length
    const at = { file: this.#file, line, column: indent + 1 }
    if (/^\[[^\]]*\]\s*(?:[#;].*)?$/.test(content) || /^\[.*\]$/.test(content))
      this.#section = this.#readHeader(content, at)
    else if (this.#section !== undefined) this.#readEntry(this.#section, content, at)
  }

  #readHeader(content: string, at: SourceRef): Section | undefined {
    const [, name, kind = "hosts"] = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(content) ?? []
    if (name === undefined) {
      const hint = "a header is [GROUP], [GROUP:vars] or [GROUP:children], without blanks"
      this.#complain(`${content} is no header of a section`, at, hint)
      return undefined
    }
    if (!kinds.includes(kind)) {
      const near = nearest(kind, kinds) ?? "vars or children"
      this.#complain(`[${name}:${kind}] is no kind of section`, at, `did you mean ${near}?`)
      return undefined
    }
    return this.#open(name, kind, at)
  }

  #open(name: string, kind: string, at: SourceRef): Section | undefined {
    const isNew = !this.#builder.tree.groups.has(name)
    const group = this.#builder.namedGroup(name, at)
    if (group === undefined) return undefined
    if (kind === "vars") {
      if (isNew && !this.#children.has(name)) this.#variables.set(name, at)
      return { group, kind }
    }
    this.#variables.delete(name)
    for (const parent of this.#children.get(name)?.parents ?? [])
      this.#builder.addChild(parent, name, at)
    this.#children.delete(name)
    return { group, kind }
  }

  #readEntry({ group, kind }: Section, content: string, at: SourceRef): void {
    if (kind === "vars") this.#readVariable(group, content, at)
    else if (kind === "children") this.#readChild(group, content, at)
    else this.#readHosts(group, content, at)
  }

  #readVariable(group: GroupNode, content: string, at: SourceRef): void {
    const split = content.indexOf("=")
    if (split < 0) {
      const hint = `write NAME=VALUE; hosts belong below [${group.name}]`
      this.#complain(`${content} is no NAME=VALUE`, at, hint)
      return
    }
    const written = content.slice(split + 1)
    const offset = split + 1 + written.length - written.trimStart().length
    const variable = this.#variable(written.trim(), { ...at, column: at.column + offset })
    this.#builder.setGroupVariable(
      group,
      content.slice(0, split).trim(),
      variable.value,
      variable.at,
    )
  }

  #readChild(group: GroupNode, content: string, at: SourceRef): void {
    const [, child] = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(content) ?? []
    if (child === undefined) {
      const hint = `below [${group.name}:children] stands one group a line`
      this.#complain(`${content} is no name of a group`, at, hint)
      return
    }
    const waiting = this.#children.get(child)
    if (waiting !== undefined) waiting.parents.push(group)
    else if (this.#builder.tree.groups.has(child)) this.#builder.addChild(group, child, at)
    else this.#children.set(child, { at, parents: [group] })
  }

  #readHosts(group: GroupNode, content: string, at: SourceRef): void {
    const words = splitWords(content)
    if (!words.ok) {
      this.#complain(words.error, at, 'write a value with blanks or quotes as NAME="VALUE"')
      return
    }
    const [host, ...rest] = words.value
    if (host === undefined) return
    if (host.text === "---" || /[^:]:$/.test(host.text)) {
      const hint = "is this YAML? then name the file .yml; a port follows a colon: rs1:2222"
      this.#complain(`${host.text} is no host`, at, hint)
      return
    }
    const vars = new Map<string, Variable>()
    for (const { text, at: offset } of rest) {
      const place = { ...at, column: at.column + offset }
      const split = text.indexOf("=")
      if (split > 0) vars.set(text.slice(0, split), this.#variable(text.slice(split + 1), place))
      else {
        const hint = 'variables of a host are NAME=VALUE without blanks, or NAME="VALUE"'
        this.#complain(`${text || '""'} is no NAME=VALUE`, place, hint)
      }
    }
    this.#builder.addHosts(group, host.text, vars, at)
  }

  #variable(text: string, at: SourceRef): Variable {
    const literal = readPythonLiteral(text)
    if (literal.kind === "value") return { value: literal.value, at }
    if (literal.kind === "foreign")
      this.#complain(
        `${text} is ${literal.what} to Ansible`,
        at,
        `in quotes within quotes it is text: NAME="'${text.replaceAll(/["']/g, "")}'"`,
      )
    return { value: text, at }
  }

  #undefined(name: string, what: string, at: SourceRef): void {
    const known = [...this.#builder.tree.groups.keys()].filter(
      (group) => !this.#variables.has(group),
    )
    this.#builder.problems.push({
      rule: "inventory-group",
      message: `the group ${name} ${what}, but there is no section [${name}]`,
      at,
      hint: suggestion(name, known, `add [${name}], or take this out`),
    })
  }

  #complain(message: string, at: SourceRef, hint: string): void {
    this.#builder.problems.push({ rule: "inventory-ini", message, at, hint })
  }
}

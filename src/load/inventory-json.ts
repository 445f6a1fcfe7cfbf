import type { SourceRef } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import type { InventoryBuilder } from "./inventory-builder.ts"
import type { GroupNode, Variables } from "./inventory-parts.ts"
import { asMapping, kindOfValue } from "./read-document.ts"

/** Asks the script once more, with `--list` or `--host NAME`; the error says how that failed. */
export type Ask = (...words: readonly string[]) => Result<string, string>

type Mapping = Readonly<Record<string, unknown>>

/**
 * Reads what an inventory script prints for `--list`: groups with hosts, vars and children, and the variables of hosts in
 * `_meta`, else by `--host` one by one (Ansible's developer guide, "Inventory script conventions"). Problem: inventory-script.
 */
export function readScriptInventory(ask: Ask, file: string, builder: InventoryBuilder): void {
  new JsonReader(ask, file, builder).read()
}

class JsonReader {
  readonly #ask: Ask
  readonly #at: SourceRef
  readonly #builder: InventoryBuilder
  readonly #hosts = new Map<string, GroupNode>()

  constructor(ask: Ask, file: string, builder: InventoryBuilder) {
    this.#ask = ask
    this.#at = { file, line: 1, column: 1 }
    this.#builder = builder
  }

  read(): void {
    const groups = this.#answer("--list")
    if (groups === undefined) return
    for (const [name, body] of Object.entries(groups))
      if (name !== "_meta") this.#readGroup(name, body)
    const known = asMapping(asMapping(groups["_meta"])?.["hostvars"])
    for (const [host, group] of this.#hosts) {
      const own = known !== undefined && Object.hasOwn(known, host) ? known[host] : {}
      const vars = known === undefined ? this.#answer("--host", host) : own
      this.#readVariables(host, group, vars ?? {})
    }
  }

  #answer(...words: readonly string[]): Mapping | undefined {
    const output = this.#ask(...words)
    const call = `${this.#at.file} ${words.join(" ")}`
    if (!output.ok) {
      this.#complain(`${call} ${output.error}`, "run it by hand; it has to print JSON and end well")
      return undefined
    }
    // Ansible takes silence for no variables.
    if (words[0] === "--host" && output.value.trim() === "") return {}
    const parsed = parseJson(output.value)
    const mapping = parsed.ok ? asMapping(parsed.value) : undefined
    if (mapping !== undefined) return mapping
    const wrong = parsed.ok ? `not a JSON object but ${kindOfValue(parsed.value)}` : parsed.error
    this.#complain(
      `${call} printed ${wrong}`,
      "it prints one JSON object, and everything else to standard error",
    )
    return undefined
  }

  /** A list stands for hosts; a mapping without any of the three keys for variables of a host by the group's name. */
  #readGroup(name: string, body: unknown): void {
    const group = this.#builder.namedGroup(name, this.#at)
    if (group === undefined) return
    const sections = asMapping(body)
    const isShort =
      sections !== undefined && !["hosts", "vars", "children"].some((key) => key in sections)
    const whole: Mapping = sections ?? { hosts: body }
    const { hosts, vars, children } = isShort ? { hosts: [name], vars: sections } : whole
    for (const host of this.#names(name, "hosts", hosts))
      if (this.#builder.addHost(group, host, new Map(), this.#at)) this.#hosts.set(host, group)
    this.#readGroupVariables(group, vars)
    for (const child of this.#names(name, "children", children))
      if (this.#builder.namedGroup(child, this.#at) !== undefined)
        this.#builder.addChild(group, child, this.#at)
  }

  #names(group: string, key: string, value: unknown): readonly string[] {
    if (value === undefined) return []
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value
    const what = Array.isArray(value) ? "a list with more than names in it" : kindOfValue(value)
    this.#complain(`${key} of the group ${group} is ${what}`, "it is a list of names")
    return []
  }

  #readGroupVariables(group: GroupNode, value: unknown): void {
    const vars = value === undefined ? {} : asMapping(value)
    if (vars === undefined)
      this.#complain(`vars of the group ${group.name} is ${kindOfValue(value)}`, "it is an object")
    for (const [name, item] of Object.entries(vars ?? {}))
      this.#builder.setGroupVariable(group, name, item, this.#at)
  }

  #readVariables(host: string, group: GroupNode, value: unknown): void {
    const mapping = asMapping(value)
    if (mapping === undefined)
      this.#complain(`the variables of ${host} are ${kindOfValue(value)}`, "they are an object")
    const entries = Object.entries(mapping ?? {})
    const vars: Variables = new Map(
      entries.map(([name, item]) => [name, { value: item, at: this.#at }]),
    )
    this.#builder.addHost(group, host, vars, this.#at)
  }

  #complain(message: string, hint: string): void {
    this.#builder.problems.push({ rule: "inventory-script", message, at: this.#at, hint })
  }
}

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text))
  } catch {
    const [line = ""] = text.trim().split("\n")
    return err(
      line === ""
        ? "nothing"
        : `what is no JSON, beginning with ${JSON.stringify(line.slice(0, 60))}`,
    )
  }
}

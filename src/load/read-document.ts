import type { Problem } from "../core/problem.ts"
import type { Document } from "../schema/documents.ts"
import { displayPath, readText } from "./disk.ts"
import { readYaml } from "./yaml.ts"
import type { YamlReading } from "./yaml.ts"

/** Where files are read from, and where their problems go: all of them, not just the first. */
export interface Reading {
  /** Names in problems are relative to it. */
  readonly currentFolder: string
  readonly problems: Problem[]
}

/** Reads a YAML or JSON file; undefined when anything is wrong with it, which then is among the problems. */
export function readDocument(path: string, reading: Reading): Document | undefined {
  const { document, problems } = readFile(path, reading)
  reading.problems.push(...problems)
  return problems.length === 0 ? document : undefined
}

/** Like `readDocument`, but where only scalars are ambiguous the document is there, to look for more mistakes in. */
export function readFlawedDocument(path: string, reading: Reading): Document | undefined {
  const { document, problems } = readFile(path, reading)
  reading.problems.push(...problems)
  return document
}

function readFile(path: string, reading: Reading): YamlReading {
  const name = displayPath(path, reading.currentFolder)
  const text = readText(path, name)
  if (!text.ok) return { problems: [text.error] }
  if (text.value.startsWith("$ANSIBLE_VAULT;")) {
    const problem = {
      rule: "yaml-vault",
      message: "this file is encrypted with Ansible Vault",
      at: { file: name, line: 1, column: 1 },
      hint: "lbctl does not decrypt Ansible Vault; keep this file out of the inventory lbctl reads",
    }
    return { problems: [problem] }
  }
  return readYaml(text.value, name)
}

/** The mapping a value is, or undefined: neither a list nor null nor a scalar. */
export function asMapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  return value as Readonly<Record<string, unknown>>
}

/** What a value is, in a user's words. */
export function kindOfValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing"
  if (Array.isArray(value)) return "a list"
  if (typeof value === "object") return "a mapping"
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return `the text ${JSON.stringify(value)}`
}

import { Secret } from "../core/secret.ts"
import type { Problem } from "../core/problem.ts"
import type { Document } from "../schema/documents.ts"
import { displayPath, readBytes, textOf } from "./disk.ts"
import type { RunScript } from "./inventory-script.ts"
import { isAge } from "./secrets/age.ts"
import { isVault } from "./secrets/ansible-vault.ts"
import { keyringOf } from "./secrets/keyring.ts"
import type { Keyring } from "./secrets/keyring.ts"
import { noKeys } from "./secrets/keys.ts"
import { openDocument } from "./secrets/open-document.ts"
import { readYaml } from "./yaml.ts"
import type { YamlReading } from "./yaml.ts"

/** Where files are read from, and where their problems go: all of them, not just the first. */
export interface Reading {
  /** Names in problems are relative to it. */
  readonly currentFolder: string
  readonly problems: Problem[]
  /** Opens what is encrypted; without one nothing opens. */
  readonly keyring?: Keyring
  /** Runs inventory scripts; default: each time that it is asked. */
  readonly run?: RunScript
}

/**
 * Reads a YAML or JSON file of variables, encrypted or not; undefined when anything is wrong with it, which then is among
 * the problems. What was encrypted comes as Secrets.
 */
export function readDocument(path: string, reading: Reading): Document | undefined {
  const { document, problems } = readFile(path, reading, "secret")
  reading.problems.push(...problems)
  return problems.length === 0 ? document : undefined
}

/**
 * Reads a definition; where only scalars are ambiguous the document is there, to look for more mistakes in. What a
 * definition says is shown by every plan: in a file encrypted as a whole it is no secret.
 */
export function readFlawedDocument(path: string, reading: Reading): Document | undefined {
  const { document, problems } = readFile(path, reading, "plain")
  reading.problems.push(...problems)
  return document
}

function readFile(path: string, reading: Reading, values: "secret" | "plain"): YamlReading {
  const name = displayPath(path, reading.currentFolder)
  const bytes = readBytes(path, name)
  if (!bytes.ok) return { problems: [bytes.error] }
  const keyring = reading.keyring ?? keyringOf(noKeys)
  const encrypted = isAge(bytes.value) ? keyring.age(path, bytes.value) : undefined
  if (isAge(bytes.value) && encrypted === undefined) return { problems: [] }
  if (encrypted?.ok === false) return closed(name, encrypted.error)
  const text = textOf(encrypted?.value ?? bytes.value, name)
  if (!text.ok) return { problems: [text.error] }
  const vault = isVault(text.value) ? keyring.vault(text.value) : undefined
  if (vault?.ok === false) return closed(name, vault.error)
  const whole = encrypted !== undefined || vault !== undefined
  const read = readYaml(vault?.value ?? text.value, name)
  const problems = whole ? read.problems.map(withoutValues) : read.problems
  if (read.document === undefined) return { problems }
  const opened = openDocument(read.document, { path, whole, values, keyring })
  return {
    ...(opened.document === undefined ? {} : { document: opened.document }),
    problems: [...problems, ...opened.problems],
  }
}

function closed(
  file: string,
  refusal: { readonly message: string; readonly hint: string },
): YamlReading {
  return { problems: [{ rule: "secret-closed", ...refusal, at: { file, line: 1, column: 1 } }] }
}

/** The one problem of a file's form that quotes a value. */
function withoutValues(problem: Problem): Problem {
  if (problem.rule !== "yaml-ambiguous") return problem
  const message = "YAML 1.1, which Ansible reads, and YAML 1.2 read this value differently"
  return { ...problem, message, hint: "quote it, or write true, false or a plain number" }
}

/** The mapping a value is, or undefined: neither a list nor null nor a scalar. */
export function asMapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  if (value instanceof Secret) return undefined
  return value as Readonly<Record<string, unknown>>
}

/** What a value is, in a user's words. */
export function kindOfValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing"
  if (Array.isArray(value)) return "a list"
  if (value instanceof Secret) return "a secret"
  if (typeof value === "object") return "a mapping"
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return `the text ${JSON.stringify(value)}`
}

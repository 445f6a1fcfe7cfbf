import type { Problem, SourceRef } from "../core/problem.ts"
import { Secret } from "../core/secret.ts"
import type { InventoryHost } from "../schema/documents.ts"

/** Reads a host's variables one by one; what cannot be read is a problem at its place and counts as unset. */
export interface HostVariables {
  /** Text or number as text. Of several spellings the last that is set wins, as in Ansible's plugins. */
  readonly text: (...spellings: readonly string[]) => Found | undefined
  /** A boolean in any spelling that Ansible takes for one; `otherwise` when unset. */
  readonly flag: (name: string, otherwise: boolean) => boolean
  /** Text that no message repeats. */
  readonly secret: (...spellings: readonly string[]) => Secret | undefined
  readonly has: (name: string) => boolean
  /** Where its value stands. */
  readonly at: (name: string) => SourceRef
  readonly report: (name: string, problem: Omit<Problem, "at">) => void
  readonly reportAt: (at: SourceRef | undefined, problem: Problem) => void
}

/** A variable that is set, and the spelling it came by. */
export interface Found {
  readonly name: string
  readonly value: string
}

/** What belongs where something else stands, and what to do. */
interface Wanted {
  readonly what: string
  readonly hint: string
}
const aText: Wanted = { what: "text", hint: "quote it, or leave it out" }
const aFlag: Wanted = { what: "true or false", hint: "write true or false" }

/** Ansible's module_utils/parsing/convert_bool.py. */
const trueWords = new Set(["y", "yes", "on", "1", "true", "t", "1.0"])
const falseWords = new Set(["n", "no", "off", "0", "false", "f", "0.0"])

/** Rules: inventory-template (Jinja, which lbctl does not evaluate), connection-value. */
export function hostVariables(host: InventoryHost, problems: Problem[]): HostVariables {
  const raw = (name: string): unknown => (Object.hasOwn(host.vars, name) ? host.vars[name] : null)
  const place = (name: string): SourceRef =>
    (Object.hasOwn(host.varAt, name) ? host.varAt[name] : undefined) ?? host.at
  const report = (name: string, problem: Omit<Problem, "at">): void => {
    problems.push({ ...problem, at: place(name) })
  }
  const lastSet = (spellings: readonly string[]): string | undefined =>
    spellings.findLast((spelling) => (raw(spelling) ?? null) !== null)
  const misplaced = (name: string, value: unknown, { what, hint }: Wanted): void =>
    report(name, {
      rule: "connection-value",
      message: `${name} is ${JSON.stringify(value)}, where ${what} belongs`,
      hint,
    })
  const found = (spellings: readonly string[], wanted: Wanted): Found | undefined => {
    const name = lastSet(spellings)
    if (name === undefined) return undefined
    const value = raw(name)
    if (holdsTemplate(value)) report(name, templateProblem(name))
    else if (typeof value === "string" || typeof value === "number")
      return { name, value: String(value) }
    else misplaced(name, value, wanted)
    return undefined
  }
  const text = (...spellings: readonly string[]): Found | undefined => found(spellings, aText)
  const secret = (...spellings: readonly string[]): Secret | undefined => {
    const name = lastSet(spellings)
    if (name === undefined) return undefined
    const value = raw(name)
    if (value instanceof Secret) return value
    if (holdsTemplate(value)) report(name, templateProblem(name))
    else if (typeof value === "string" || typeof value === "number")
      return new Secret(String(value))
    else
      report(name, {
        rule: "connection-value",
        message: `${name} is no text`,
        hint: "quote it, or leave it out",
      })
    return undefined
  }
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = raw(name)
    if (typeof value === "boolean") return value
    const word = found([name], aFlag)?.value.toLowerCase()
    if (word === undefined || falseWords.has(word)) return word === undefined && otherwise
    if (!trueWords.has(word)) misplaced(name, word, aFlag)
    return trueWords.has(word)
  }
  return {
    text,
    flag,
    secret,
    has: (name) => (raw(name) ?? null) !== null,
    at: place,
    report,
    reportAt: (at, problem) =>
      void problems.push(at === undefined ? problem : { ...problem, at: problem.at ?? at }),
  }
}

/** Variables of lbctl's own that hold Jinja, as problems: lbctl needs their values and does not evaluate them. */
export function reportTemplates(host: InventoryHost, variables: HostVariables): void {
  for (const [name, value] of Object.entries(host.vars))
    if (name.startsWith("lbctl_") && holdsTemplate(value))
      variables.report(name, templateProblem(name))
}

function holdsTemplate(value: unknown): boolean {
  if (typeof value === "string") return /\{\{|\{%/.test(value)
  if (typeof value !== "object" || value === null) return false
  return Object.values(value).some(holdsTemplate)
}

function templateProblem(name: string): Omit<Problem, "at"> {
  return {
    rule: "inventory-template",
    message: `${name} holds a Jinja template, which lbctl does not evaluate`,
    hint: "write the value itself",
  }
}

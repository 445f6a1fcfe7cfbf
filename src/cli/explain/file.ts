import { Failure } from "../../core/failure.ts"
import { suggestion } from "../../core/suggestion.ts"
import type { FileOrigin, Origin } from "../../render/origin.ts"
import { placedLines } from "../../render/placed-lines.ts"
import type { RuleContext } from "../../validate/context.ts"
import type { Section } from "./fact.ts"
import { originFact } from "./host.ts"
import { factsNamed } from "./names.ts"

/** A file on a host, and perhaps one of its lines. */
export interface FileSubject {
  readonly host: string
  readonly path: string
  /** From 1. */
  readonly line?: number
}

/** Why a host has a file: role and template; for a line besides, the template's line and what of the definition it names. */
export function explainFile(
  { host, path, line }: FileSubject,
  origins: readonly (Origin | FileOrigin)[],
  context: RuleContext,
): Section[] {
  const files = origins.filter(isFile)
  const file = files.find(({ subject }) => subject === path)
  if (file === undefined) throw unknownFile(host, path, files)
  const own = { title: "file", facts: [originFact(file, context)] }
  return line === undefined ? [own] : [own, ...explainLine(file, line, context)]
}

function explainLine(file: FileOrigin, number: number, context: RuleContext): Section[] {
  const lines = placedLines(file.pieces())
  const line = lines[number - 1]
  if (line === undefined)
    throw new Failure("input", `${file.subject} has no line ${number}`, {
      hint: `it has ${lines.length}`,
    })
  const text = file.secret ? "(content hidden: holds secrets)" : line.text.trim()
  const blocks = line.within.length === 0 ? [] : [`for ${line.within.join(", ")}`]
  return [
    { title: `line ${number}`, facts: [{ what: text || "(blank)", at: line.at, notes: blocks }] },
    { title: "names", facts: file.secret ? [] : factsNamed(line.text, context) },
  ]
}

function isFile(origin: Origin | FileOrigin): origin is FileOrigin {
  return origin.kind === "file"
}

function unknownFile(host: string, path: string, files: readonly FileOrigin[]): Failure {
  const paths = files.map(({ subject }) => subject)
  return new Failure("input", `lbctl puts no file ${path} on ${host}`, {
    hint: suggestion(path, paths, `\`lbctl explain ${host}\` lists its files`),
  })
}

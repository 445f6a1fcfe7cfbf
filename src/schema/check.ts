import { sortProblems } from "../core/problem.ts"
import { Secret } from "../core/secret.ts"
import type { Problem, SourceRef } from "../core/problem.ts"
import type { Document, DocumentPath } from "./documents.ts"
import { describeError, shown } from "./messages.ts"
import type { SchemaError } from "./validator.ts"
import { validators } from "./validators.gen.ts"

/** The kinds of document that have a schema: the NAME of each NAME.schema.json. */
export type DocumentKind = keyof typeof validators

/** A mistake of form, and the path of the value it lies in. */
export interface Finding {
  readonly path: DocumentPath
  readonly problem: Problem
}

/** What the schema of its kind finds wrong with a document, one problem a mistake; rules `schema-*` of docs/rules.md. */
export function checkDocument(kind: DocumentKind, document: Document): Problem[] {
  return sortProblems(findings(kind, document).map(({ problem }) => problem))
}

/** Like `checkDocument`, with the path of each mistake, so that sound parts can be told from broken ones. */
export function findings(kind: DocumentKind, document: Document): Finding[] {
  const misplaced = secretsIn(document.value).map((path) => misplacedSecret(document, path))
  const hidden = new Set(misplaced.map(({ path }) => JSON.stringify(path)))
  return [
    ...misplaced,
    // Nothing is said of a secret but that it is one.
    ...formFindings(kind, document).filter(({ path }) => !hidden.has(JSON.stringify(path))),
  ]
}

function secretsIn(value: unknown, path: DocumentPath = []): DocumentPath[] {
  if (value instanceof Secret) return [path]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    secretsIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

function misplacedSecret(document: Document, path: DocumentPath): Finding {
  const problem = {
    rule: "secret-place",
    message: `a secret has no place here${whereabouts(path)}: plans show this setting`,
    at: document.locate(path),
    hint: "write the value itself; secrets belong into variables of hosts and groups, for templates",
  }
  return { path, problem }
}

function formFindings(kind: DocumentKind, document: Document): Finding[] {
  const validate = validators[kind]
  if (validate(document.value)) return []
  return distinct(validate.errors ?? []).map((error) => {
    const path = parsePointer(error.instancePath, document.value)
    const found = describeError(error)
    const key = found.key === undefined ? undefined : [...path, found.key]
    return {
      path: key ?? path,
      problem: {
        rule: found.rule,
        message: `${found.message}${whereabouts(path)}`,
        at: placeOf(document, path, key, error),
        ...(found.hint === undefined ? {} : { hint: found.hint }),
      },
    }
  })
}

/** A missing key is told at the name of what lacks it. */
function placeOf(
  document: Document,
  path: DocumentPath,
  key: DocumentPath | undefined,
  error: SchemaError,
): SourceRef {
  if (key !== undefined) return document.locateKey(key)
  const isMissing = error.keyword === "required" || error.params["error"] === "tag"
  return isMissing && path.length > 0 ? document.locateKey(path) : document.locate(path)
}

/** One value has one mistake: the first that was found, and not the conditions it was found through. */
function distinct(errors: readonly SchemaError[]): SchemaError[] {
  const seen = new Set<string>()
  return errors.filter((error) => {
    if (error.keyword === "if" || error.keyword === "propertyNames") return false
    const aboutKey = error.params["additionalProperty"] ?? error.params["missingProperty"]
    const mistake = JSON.stringify([error.instancePath, aboutKey ?? error.propertyName ?? null])
    return !seen.has(mistake) && seen.add(mistake)
  })
}

/** JSON Pointer (RFC 6901) as a path; digits index only where the value is a list. */
function parsePointer(pointer: string, root: unknown): DocumentPath {
  const path: (string | number)[] = []
  let value = root
  for (const key of splitPointer(pointer)) {
    path.push(Array.isArray(value) ? Number(key) : key)
    value = valueAt(value, path.slice(-1))
  }
  return path
}

function splitPointer(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
}

function valueAt(root: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    root,
  )
}

function whereabouts(path: DocumentPath): string {
  const steps = path.map((step) => {
    const text = String(step)
    return /\p{Cc}/u.test(text) || text.length > 64 ? shown(text) : text
  })
  return path.length === 0 ? "" : ` (in ${steps.join(".")})`
}

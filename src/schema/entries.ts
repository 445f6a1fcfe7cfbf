import type { SourceRef } from "../core/problem.ts"
import type { Document, DocumentPath } from "./documents.ts"

/** One named definition of a document, with the places of its parts. */
export interface Entry<T> {
  readonly name: string
  readonly value: T
  /** Place of the value at a path below the entry; of its nearest existing parent when there is none. */
  readonly place: (...path: DocumentPath) => SourceRef
  /** Place of the key at a path below the entry; without a path that of the entry's own name. */
  readonly placeOfKey: (...path: DocumentPath) => SourceRef
}

/**
 * The definitions under a top-level key such as `services`, as they stand: nothing is checked.
 * T is what the schema says of them; a caller takes only entries without findings at their word.
 */
export function entriesOf<T>(document: Document, section: string): Entry<T>[] {
  const { value } = document
  if (!isMap(value) || !isMap(value[section])) return []
  return Object.entries(value[section]).map(([name, item]) => ({
    name,
    value: item as T,
    place: (...path) => document.locate([section, name, ...path]),
    placeOfKey: (...path) => document.locateKey([section, name, ...path]),
  }))
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

import type { Override } from "../model/override.ts"
import { mergeRecords, missingRecords } from "./override-records.ts"

/** What one director was told, and who should have been told the same: the directors of its clusters. */
export interface Book {
  readonly director: string
  readonly peers: readonly string[]
  /** Also those that are lifted or over. */
  readonly records: readonly Override[]
}

/** What each director's peers were told and it was not; directors that lack nothing are left out. */
export function lagging(books: readonly Book[]): Map<string, Override[]> {
  return new Map(
    books
      .map((book) => [book.director, missingRecords(book.records, knownTo(book, books))] as const)
      .filter(([, missing]) => missing.length > 0),
  )
}

/** All that a director and its peers were told. */
export function knownTo({ director, peers }: Book, books: readonly Book[]): Override[] {
  return mergeRecords(
    ...books
      .filter((other) => other.director === director || peers.includes(other.director))
      .map(({ records }) => records),
  )
}

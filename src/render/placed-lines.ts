import type { SourceRef } from "../core/problem.ts"
import type { PlacedPiece } from "./engine.ts"

/** A line of a rendered file, and where it comes from. */
export interface PlacedLine {
  readonly text: string
  /** The line of the template, or of the role that holds the content itself. */
  readonly at: SourceRef
  /** The blocks of the template around it. */
  readonly within: readonly string[]
}

/** The lines that pieces make. A line is from where its first letter is from. */
export function placedLines(pieces: readonly PlacedPiece[]): PlacedLine[] {
  const lines: PlacedLine[] = []
  let open: PlacedLine | undefined
  for (const { text, at, literal, within } of pieces) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) {
        if (open !== undefined) lines.push(open)
        open = undefined
      }
      const own = literal && index > 0
      const place = { at: own ? { ...at, line: at.line + index, column: 1 } : at, within }
      if (open === undefined) open = { text: part, ...place }
      else {
        const blank = open.text.trim() === "" && part.trim() !== ""
        open = { ...open, text: open.text + part, ...(blank ? place : {}) }
      }
    }
  }
  return open === undefined || open.text === "" ? lines : [...lines, open]
}

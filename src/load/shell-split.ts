import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"

/** A word of a line, quotes taken off, and the offset at which it begins. */
export interface LineWord {
  readonly text: string
  readonly at: number
}

/**
 * Splits a line into words as a POSIX shell would, up to a `#`, which ends a word too: Python's shlex.split with
 * comments, by which Ansible reads the hosts of INI inventories. The error says what is not closed.
 */
export function splitWords(line: string): Result<readonly LineWord[], string> {
  const words: LineWord[] = []
  let word: { text: string; at: number } | undefined
  let quote: string | undefined
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? ""
    const next = line[at + 1]
    if (quote === undefined && sign === "#") break
    if (quote === undefined && /[ \t\r\n]/.test(sign)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    word ??= { text: "", at }
    if (sign === "\\" && quote !== "'") {
      if (next === undefined) return err("a backslash ends the line")
      // Between double quotes a backslash stands for itself unless a quote or a backslash follows.
      word.text += quote === '"' && next !== '"' && next !== "\\" ? sign + next : next
      at++
    } else if (sign === quote) quote = undefined
    else if (quote === undefined && (sign === '"' || sign === "'")) quote = sign
    else word.text += sign
  }
  if (quote !== undefined) return err(`a ${quote} is not closed`)
  if (word !== undefined) words.push(word)
  return ok(words)
}

/**
 * Splits a text into words as a POSIX shell would, without expanding anything (POSIX.1-2024 XCU 2.2): blanks part
 * words, quotes and backslash protect. Undefined when a quote stays open.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = []
  const pattern = /\s+|((?:[^\s'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+)/gsy
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) return undefined
    if (match[1] !== undefined) words.push(unquote(match[1]))
  }
  return words
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
    (_all, single?: string, double?: string, escaped?: string) =>
      single ?? escaped ?? (double ?? "").replace(/\\(["\\$`])/g, "$1"),
  )
}

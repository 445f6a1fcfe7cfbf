const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * The words of one command as a line of POSIX shell (XCU 2.2.2, single quotes): the one place that quotes.
 * A word may hold anything but NUL, which no argument can carry; newlines stay inside their quotes.
 */
export function quote(words: readonly string[]): string {
  return words.map(quoteWord).join(" ")
}

/** A text of others as one line of a record; never empty. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim() || "unknown"
}

/** The same as one word. */
export function oneWord(text: string): string {
  return oneLine(text).replaceAll(" ", "-")
}

/** `path` and `name` in what is sent to a node need no quotes in a shell and hold no blank. */
export function isPlainWord(word: string): boolean {
  return /^[A-Za-z0-9._/@:+-]+$/.test(word)
}

/**
 * The commands of a text that `quote` wrote, one a line; undefined when it is not such a text.
 * Knows single quotes and the escaped quote between them, nothing else of the shell.
 */
export function unquote(text: string): string[][] | undefined {
  const commands: string[][] = []
  let words: string[] = []
  let rest = text
  while (rest !== "") {
    const match = /^(?:([ ]+)|(\n)|((?:'[^']*'|\\'|[A-Za-z0-9_@%+=:,./-]+)+))/.exec(rest)
    if (match === null) return undefined
    if (match[2] !== undefined) {
      commands.push(words)
      words = []
    } else if (match[3] !== undefined) words.push(unquoteWord(match[3]))
    rest = rest.slice(match[0].length)
  }
  return words.length === 0 ? commands : undefined
}

function quoteWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function unquoteWord(word: string): string {
  return word.replaceAll(/'([^']*)'|\\(')/g, (_, inner?: string, escaped?: string) => {
    return escaped ?? inner ?? ""
  })
}

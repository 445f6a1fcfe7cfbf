/** A text in lines of at most `width` columns, broken between words. */
export function wrap(text: string, width: number): string[] {
  return wrapWords(text.split(" "), width)
}

/** Lines of whole words; a word of its own is longer than a line where it must be. */
export function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

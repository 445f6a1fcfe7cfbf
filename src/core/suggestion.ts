import { nearest } from "./text.ts"

/** `did you mean x?` where a known word is close to what was typed, or what else to do. */
export function suggestion(word: string, known: readonly string[], otherwise: string): string {
  const close = nearest(word, known)
  return close === undefined ? otherwise : `did you mean ${close}?`
}

/** As `suggestion`, with the word in quotes as YAML and templates have it. */
export function quotedSuggestion(
  word: string,
  known: readonly string[],
  otherwise: string,
): string {
  const close = nearest(word, known)
  return close === undefined ? otherwise : `did you mean "${close}"?`
}

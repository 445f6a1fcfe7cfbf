/** A string literal: its value and where it ends, what JSON does not have in it, or that it is none after all. */
export type PythonString =
  | { readonly value: string; readonly end: number; readonly foreign: string | undefined }
  | "broken"

const opening = /([A-Za-z]{0,2})('''|"""|'|")/y

const simpleEscapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
}

/** The string literal that begins at `at`; undefined when none does. Source: Python's Language Reference, section 2.4.1. */
export function pythonString(text: string, at: number): PythonString | undefined {
  opening.lastIndex = at
  const [, prefix = "", quote] = opening.exec(text) ?? []
  if (quote === undefined) return undefined
  const kind = prefix.toLowerCase()
  if (!["", "r", "u", "b", "br", "rb"].includes(kind)) return "broken"
  const start = at + prefix.length + quote.length
  const end = closing(text, start, quote)
  if (end === undefined) return "broken"
  const body = text.slice(start, end)
  const value = kind.includes("r") ? body : unescaped(body)
  if (value === undefined) return "broken"
  const foreign = kind.includes("b") ? "a bytes literal" : namedIn(body, kind)
  return { value, end: end + quote.length, foreign }
}

function namedIn(body: string, kind: string): string | undefined {
  const isNamed = kind !== "r" && /(?:^|[^\\])(?:\\\\)*\\N\{/.test(body)
  return isNamed ? "a character by its Unicode name" : undefined
}

function closing(text: string, start: number, quote: string): number | undefined {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++
    else if (text.startsWith(quote, at)) return at
  }
  return undefined
}

const escape = /\\(?:N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[^])/gu

/** Undefined for an escape that is not finished. An unknown one stays as it is written. */
function unescaped(body: string): string | undefined {
  let finished = true
  const value = body.replace(escape, (found) => {
    const sign = found[1] ?? ""
    const simple = simpleEscapes[sign]
    if (found.length === 2 && simple !== undefined) return simple
    if (/[0-7]/.test(sign)) return String.fromCodePoint(Number.parseInt(found.slice(1), 8))
    if (!/[xuU]/.test(sign)) return found
    const character = found.length === 2 ? undefined : characterOf(found)
    if (character === undefined) finished = false
    return character ?? found
  })
  return finished ? value : undefined
}

function characterOf(found: string): string | undefined {
  const code = Number.parseInt(found.slice(2), 16)
  return code > 0x10ffff ? undefined : String.fromCodePoint(code)
}

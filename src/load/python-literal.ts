import { pythonString } from "./python-string.ts"

/** What a text means as a Python literal: its value, mere text, or a literal that has no exact form in JSON. */
export type Literal =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "text" }
  | { readonly kind: "foreign"; readonly what: string }

/** The text is no literal; thrown and caught in this file. */
class NoLiteral extends Error {}

/** Deeper brackets are text to Python too (its parser's limit, MAXSTACK). */
const deepest = 200

const number =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:[eE][+-]?\d(?:_?\d)*)?)([jJ]?)/y
const word = /[A-Za-z_]\w*/y
const words = new Map<string, boolean | null>([
  ["True", true],
  ["False", false],
  ["None", null],
])

/**
 * Reads a value as Ansible reads those of INI inventories: as a Python literal where it is one, as text elsewhere (Python's
 * ast.literal_eval; Language Reference, sections 2.4 and 6.2). A comment after the literal belongs to Python, not to the value.
 */
export function readPythonLiteral(text: string): Literal {
  const reader = new LiteralReader(text.replace(/^[ \t]+/, ""))
  try {
    const value = reader.whole()
    const what = reader.foreign
    return what === undefined ? { kind: "value", value } : { kind: "foreign", what }
  } catch (thrown) {
    if (thrown instanceof NoLiteral) return { kind: "text" }
    throw thrown
  }
}

class LiteralReader {
  /** What in the literal JSON does not have; the rest is read on, since it may turn out to be text. */
  foreign: string | undefined
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  /** A tuple needs no brackets when it stands alone. */
  whole(): unknown {
    const first = this.#value()
    const rest: unknown[] = []
    let commas = 0
    while (this.#take(",")) {
      commas++
      if (this.#ended()) break
      rest.push(this.#value())
    }
    if (!this.#ended()) throw new NoLiteral()
    return commas === 0 ? first : [first, ...rest]
  }

  #value(): unknown {
    const next = this.#peek()
    if (next === "[") return this.#items("[", "]").list
    if (next === "(") return this.#parenthesis()
    if (next === "{") return this.#braces()
    if (next === "+" || next === "-") return this.#signed(next)
    const quoted = pythonString(this.#text, this.#at)
    if (quoted !== undefined) return this.#strings()
    return next !== undefined && /[\d.]/.test(next) ? this.#number() : this.#word()
  }

  #signed(sign: "+" | "-"): number {
    this.#take(sign)
    const next = this.#peek()
    if (next === undefined || !/[\d.]/.test(next)) throw new NoLiteral()
    const value = this.#number()
    return sign === "-" ? 0 - value : value
  }

  #number(): number {
    const [written, imaginary] = this.#match(number) ?? []
    if (written === undefined) throw new NoLiteral()
    if (imaginary !== "") this.foreign ??= "a complex number"
    const digits = written.replaceAll("_", "")
    // Python refuses 012, and a word that follows at once; 00 is 0.
    if (/^0\d*[1-9]\d*$/.test(digits) || /\w/.test(this.#text[this.#at] ?? ""))
      throw new NoLiteral()
    const value = Number(digits)
    const isWhole = /^(?:\d+|0[xob].*)$/i.test(digits)
    if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value)))
      this.foreign ??= "a number too large to be exact"
    return value
  }

  #word(): boolean | null {
    const found = words.get(this.#match(word)?.[0] ?? "")
    if (found === undefined) throw new NoLiteral()
    return found
  }

  /** Strings that follow each other are one. */
  #strings(): string {
    let joined = ""
    for (;;) {
      this.#peek()
      const part = pythonString(this.#text, this.#at)
      if (part === undefined) return joined
      if (part === "broken") throw new NoLiteral()
      this.foreign ??= part.foreign
      joined += part.value
      this.#at = part.end
    }
  }

  #items(open: string, close: string): { readonly list: unknown[]; readonly commas: number } {
    this.#enter(open)
    const list: unknown[] = []
    let commas = 0
    while (!this.#take(close)) {
      if (list.length > commas) throw new NoLiteral()
      list.push(this.#value())
      if (this.#take(",")) commas++
    }
    this.#depth--
    return { list, commas }
  }

  /** `()` and `(1,)` are tuples, `(1)` is 1. */
  #parenthesis(): unknown {
    const { list, commas } = this.#items("(", ")")
    return list.length === 1 && commas === 0 ? list[0] : list
  }

  /** A mapping, or a set when the first item has no value. */
  #braces(): unknown {
    this.#enter("{")
    const entries: [string, unknown][] = []
    let separated = true
    while (!this.#take("}")) {
      if (!separated) throw new NoLiteral()
      const key = this.#value()
      if (this.#take(":")) entries.push([this.#keyText(key), this.#value()])
      else if (entries.length > 0) throw new NoLiteral()
      else this.foreign ??= "a set"
      separated = this.#take(",")
    }
    this.#depth--
    return Object.fromEntries(entries)
  }

  /** As Python's json module writes keys. */
  #keyText(key: unknown): string {
    if (typeof key === "object" && key !== null) this.foreign ??= "a mapping whose keys are lists"
    return String(key)
  }

  #enter(open: string): void {
    if (!this.#take(open) || ++this.#depth > deepest) throw new NoLiteral()
  }

  #peek(): string | undefined {
    while (/[ \t\f]/.test(this.#text[this.#at] ?? "")) this.#at++
    return this.#text[this.#at]
  }

  #take(sign: string): boolean {
    if (this.#peek() !== sign) return false
    this.#at++
    return true
  }

  #ended(): boolean {
    const next = this.#peek()
    return next === undefined || next === "#"
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    this.#peek()
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found !== null) this.#at = pattern.lastIndex
    return found
  }
}

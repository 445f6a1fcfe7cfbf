import { err, ok, type Result } from "../core/result.ts"

/** Which of a term's hosts are meant, counted from 0; a negative `first` counts from the end, an absent `last` means to the end. */
export interface Subscript {
  readonly first: number
  readonly last: number | undefined
}

/** Splits `[0]`, `[-1]`, `[0:2]` or `[2:]` off a term; a regular expression keeps its brackets. */
export function splitSubscript(term: string): {
  readonly expression: string
  readonly subscript?: Subscript
} {
  const match = /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(term)
  const [, expression, index, first, last] = match ?? []
  if (term.startsWith("~") || expression === undefined) return { expression: term }
  if (index !== undefined)
    return { expression, subscript: { first: Number(index), last: Number(index) } }
  const end = last === undefined || last === "" ? undefined : Number(last)
  return { expression, subscript: { first: Number(first), last: end } }
}

/** Whether a name fits: `~regex` from the name's beginning on, a glob as a whole. The error is why it can't be read. */
export function matcherOf(expression: string): Result<(name: string) => boolean, string> {
  const source = expression.startsWith("~")
    ? regexSource(expression.slice(1))
    : globSource(expression)
  try {
    const compiled = new RegExp(source.text, source.flags)
    return ok((name) => compiled.test(name))
  } catch {
    return err("is no regular expression")
  }
}

/** Python's named groups and leading flags in JavaScript's spelling (Python's re, "Regular Expression Syntax"). */
function regexSource(text: string): { readonly text: string; readonly flags: string } {
  const [, flags = "", rest = ""] = /^(?:\(\?([ims]+)\))?(.*)$/su.exec(text) ?? []
  const source = rest.replaceAll("(?P<", "(?<").replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
  return { text: `^(?:${source})`, flags }
}

/** As the shell's: `*`, `?`, `[abc]`, `[a-c]` and `[!abc]`; every other sign stands for itself. */
function globSource(text: string): { readonly text: string; readonly flags: string } {
  const parts = text.matchAll(/\[(!?)(\]?[^\]]*)\]|[^]/g)
  const source = [...parts].map(([whole, not, set]) => {
    if (set !== undefined && set !== "")
      return `[${not === "!" ? "^" : ""}${set.replace(/[\\\]^[]/g, "\\$&")}]`
    if (whole === "*") return ".*"
    if (whole === "?") return "."
    return whole.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
  })
  return { text: `^${source.join("")}$`, flags: "s" }
}

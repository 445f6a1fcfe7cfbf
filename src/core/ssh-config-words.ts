import { err, ok } from "./result.ts"
import type { Result } from "./result.ts"

/** A line of ssh_config in its words. */
export interface SshConfigWords {
  /** In lower case. */
  readonly keyword: string
  /** Without quotes and escapes; a comment at the end is left out. */
  readonly args: readonly string[]
  /** What follows the keyword, as it is written: commands are taken whole. */
  readonly rest: string
}

/**
 * Splits a line as OpenSSH does (readconf.c, misc.c argv_split): the keyword ends at a blank or one `=`; arguments end at
 * blanks, quotes and backslashes protect, `#` begins a comment. Undefined for an empty line or a comment.
 */
export function splitSshConfigLine(line: string): Result<SshConfigWords | undefined, string> {
  const text = line.replace(/^[ \t\r\n]+|[ \t\r\n\f]+$/g, "")
  if (text === "" || text.startsWith("#")) return ok(undefined)
  const match = /^(?:"([^"]*)"|([^ \t\r\n"=]+))[ \t\r\n]*=?[ \t\r\n]*(.*)$/s.exec(text)
  const keyword = (match?.[1] ?? match?.[2] ?? "").toLowerCase()
  if (match === null || keyword === "") return err("the line does not begin with a keyword")
  const rest = match[3] ?? ""
  if (rest === "") return err(`${match[1] ?? match[2]} has no argument`)
  const args = argumentsOf(rest)
  return args === undefined ? err("a quote stays open") : ok({ keyword, args, rest })
}

const escape = String.raw`\\['"\\]|\\(?!['"\\])`
const quoted = String.raw`"((?:${escape}|[^"\\])*)"|'((?:${escape}|[^'\\])*)'`
const argument = new RegExp(`[ \\t]+|#.*$|((?:\\\\['"\\\\ ]|${quoted}|[^ \\t'"])+)`, "sy")
const protection = new RegExp(`\\\\(['"\\\\ ])|${quoted}`, "gs")

/** Arguments as OpenSSH's argv_split parts them; undefined when a quote stays open. */
function argumentsOf(text: string): string[] | undefined {
  const args: string[] = []
  for (argument.lastIndex = 0; argument.lastIndex < text.length;) {
    const match = argument.exec(text)
    if (match === null) return undefined
    if (match[1] !== undefined) args.push(unquote(match[1]))
  }
  return args
}

/** Quotes within an argument protect blanks; a backslash protects quotes, itself and, outside of quotes, a blank. */
function unquote(word: string): string {
  return word.replace(
    protection,
    (_all, escaped?: string, double?: string, single?: string) =>
      escaped ?? (double ?? single ?? "").replace(/\\(['"\\])/g, "$1"),
  )
}

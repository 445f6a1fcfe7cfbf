import type { SourceRef } from "../core/problem.ts"
import { splitSshConfigLine } from "../core/ssh-config-words.ts"
import type { SshConfigLine } from "../schema/ssh-config.ts"
import { kindOf } from "./ssh-keywords.ts"
import { parseSshOptions } from "./ssh-options.ts"
import type { SshOption } from "./ssh-options.ts"

/** What a variable with options of ssh holds. */
export interface SshArguments {
  /** Options that are keywords of ssh_config too. */
  readonly lines: readonly SshConfigLine[]
  /** Of -F. */
  readonly configFile?: string
  /** What of it only the system's ssh can honour, as its arguments. */
  readonly words: readonly string[]
  /** What does not belong there, with what would be right. */
  readonly mistakes: readonly { readonly message: string; readonly hint: string }[]
}

/** Letters that ask nothing of a push tool: no agent, no X11, no terminal, no forwarding. */
const idle = new Set(["-A", "-a", "-g", "-k", "-K", "-q", "-T", "-t", "-v", "-X", "-x", "-Y"])

/** Letters that are a keyword with one of its values (ssh(1)). */
const fixed: Readonly<Record<string, readonly [keyword: string, value: string]>> = {
  "-4": ["addressfamily", "inet"],
  "-6": ["addressfamily", "inet6"],
  "-C": ["compression", "yes"],
}

/** Reads what `ansible_ssh_common_args` and its like hold; undefined when it cannot be parted into options. */
export function sshArguments(text: string, name: string, at: SourceRef): SshArguments | undefined {
  const parsed = parseSshOptions(text)
  if (parsed === undefined) return undefined
  const lines: SshConfigLine[] = []
  const words: string[] = []
  let configFile: string | undefined
  const mistakes = parsed.words.map((word) => ({
    message: `${name}: ${word} is no option of ssh`,
    hint: "options begin with a hyphen; quote values with blanks",
  }))
  for (const option of parsed.options) {
    const written = `${name}: ${option.written}`
    const line = lineOf(option, written, at)
    if (option.keyword === "-F") configFile ??= option.value
    else if (typeof line === "string")
      mistakes.push({ message: `${written}: ${line}`, hint: asOption })
    else if (line !== undefined) {
      lines.push(line)
      if (kindOf(line.keyword, line.rest) !== "honoured") words.push("-o", plain(line))
    } else if (!idle.has(option.keyword))
      mistakes.push({
        message: `${written} cannot be honoured`,
        hint: "leave it out; lbctl connects as if it were not there",
      })
  }
  return { lines, words, mistakes, ...(configFile === undefined ? {} : { configFile }) }
}

const asOption = "write -o Keyword=value, as ssh_config(5) has it"

/** An option as a line of ssh_config; undefined for a letter that is none, text for what is wrong with it. */
function lineOf(
  { keyword, value, written: option }: SshOption,
  written: string,
  at: SourceRef,
): SshConfigLine | string | undefined {
  if (option.startsWith("-o ")) {
    const words = splitSshConfigLine(option.slice(3))
    if (!words.ok) return words.error
    if (words.value === undefined) return "a keyword is missing"
    if (["host", "match", "include"].includes(words.value.keyword))
      return "it cannot stand on a command line"
    return { ...words.value, at, written }
  }
  const [name, text] = fixed[keyword] ?? [keyword, value]
  return name.startsWith("-") ? undefined : { keyword: name, args: [text], rest: text, at, written }
}

function plain({ keyword, rest }: SshConfigLine): string {
  return `${keyword}=${rest}`
}

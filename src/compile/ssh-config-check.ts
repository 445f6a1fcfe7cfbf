import type { Problem } from "../core/problem.ts"
import type { SshConfig, SshConfigLine } from "../schema/ssh-config.ts"
import { kindOf } from "./ssh-keywords.ts"
import { matchesList } from "./ssh-patterns.ts"
import { mistakeOf } from "./ssh-values.ts"

const known = new WeakMap<SshConfig, readonly Problem[]>()

/** All that ssh would refuse in its files, whichever host is asked for: ssh-config for what it is no keyword, connection-value for values. */
export function checkSshConfig(config: SshConfig): readonly Problem[] {
  const found = known.get(config) ?? [...config.problems, ...problemsOf(config)]
  known.set(config, found)
  return found
}

function problemsOf({ files }: SshConfig): Problem[] {
  let ignored = ""
  const check = (lines: readonly SshConfigLine[]): Problem[] =>
    lines.flatMap((line) => {
      // It counts for the lines after it.
      if (line.keyword === "ignoreunknown") ignored ||= line.args.join(",")
      if (line.included !== undefined) return line.included.flatMap(check)
      return problemOf(line, ignored) ?? []
    })
  return files.flatMap(check)
}

/** What is wrong with one line; `ignored` are patterns of IgnoreUnknown. */
export function problemOf(line: SshConfigLine, ignored = ""): Problem | undefined {
  const { keyword, rest, at, written } = line
  if (kindOf(keyword, rest) === "unknown") {
    if (matchesList(keyword, ignored.toLowerCase())) return undefined
    const hint = "see ssh_config(5); IgnoreUnknown lets ssh pass over words it does not know"
    return { rule: "ssh-config", message: `${written}: there is no option ${keyword}`, at, hint }
  }
  const mistake = mistakeOf(line)
  if (mistake === undefined) return undefined
  const message = `${written}: ${mistake.message}`
  return { rule: "connection-value", message, at, hint: mistake.hint }
}

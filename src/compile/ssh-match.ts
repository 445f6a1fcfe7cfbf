import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import { matchesList, matchesPattern } from "./ssh-patterns.ts"

/** What Match asks about; the answers may change from line to line, as settings are found. */
export interface MatchFacts {
  /** After HostName. */
  readonly host: () => string
  readonly originalHost: string
  /** Who logs in there. */
  readonly user: () => string
  readonly localUser: string
  /** In the second pass over the files. */
  readonly final: boolean
  /** A second pass is wanted. */
  readonly wantFinal: () => void
  /** Runs a command after its tokens are filled in; what cannot be run is an error. */
  readonly exec: (command: string) => Result<boolean, string>
}

/** Whether a `Host` line is about a name: some pattern matches, and none before with `!` does (readconf.c). */
export function hostMatches(name: string, patterns: readonly string[]): boolean {
  let matched = false
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!")
    if (!matchesPattern(name, negated ? pattern.slice(1) : pattern)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

/** Words of a `Match` line, which parts them at blanks and `=` and knows double quotes only (readconf.c, match_cfg_line). */
function matchWords(text: string): string[] {
  const words: string[] = []
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"|([^\s"=]+)/g)) {
    if (plain?.startsWith("#") === true) break
    words.push(quoted ?? plain ?? "")
  }
  return words
}

/** Whether a `Match` line holds; the error says what is wrong with it. Commands run only where all before them holds. */
export function matchHolds(text: string, facts: MatchFacts): Result<boolean, string> {
  const words = matchWords(text)
  if (words.length === 0) return err("Match has no criteria")
  let holds = true
  let before = 0
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ""
    const negated = word.startsWith("!")
    const criterion = (negated ? word.slice(1) : word).toLowerCase()
    if (criterion === "all") {
      // OpenSSH lets one stand before it.
      if (before > 1 || index < words.length - 1)
        return err("Match all cannot be combined with other criteria")
      return ok(holds && !negated)
    }
    before++
    if (criterion === "final" || criterion === "canonical") {
      if (criterion === "final") facts.wantFinal()
      holds &&= facts.final !== negated
      continue
    }
    const argument = words[++index]
    const answer = judge(criterion, argument, facts, holds)
    if (!answer.ok) return answer
    holds &&= answer.value !== negated
  }
  return ok(holds)
}

function judge(
  criterion: string,
  argument: string | undefined,
  facts: MatchFacts,
  holds: boolean,
): Result<boolean, string> {
  if (argument === undefined) return err(`Match ${criterion} lacks its argument`)
  switch (criterion) {
    case "host":
      return ok(matchesList(facts.host().toLowerCase(), argument.toLowerCase()))
    case "originalhost":
      return ok(matchesList(facts.originalHost.toLowerCase(), argument.toLowerCase()))
    case "user":
      return ok(matchesList(facts.user(), argument))
    case "localuser":
      return ok(matchesList(facts.localUser, argument))
    case "exec":
      return holds ? facts.exec(argument) : ok(false)
    default:
      return err(`Match ${criterion} cannot be judged`)
  }
}

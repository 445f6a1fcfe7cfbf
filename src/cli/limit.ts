import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { nearest } from "../core/text.ts"
import type { Host } from "../model/fleet.ts"

/**
 * The hosts a `--limit` names: host names, group names and globs (`rs*`), separated by commas or colons; `!` before
 * one leaves those hosts out, whatever its place. A term that matches nothing is a problem, never an empty run.
 */
export function selectHosts(
  pattern: string | undefined,
  hosts: readonly Host[],
): Result<ReadonlySet<string>, Problem[]> {
  const all = hosts.map((host) => host.name)
  if (pattern === undefined) return ok(new Set(all))
  const problems: Problem[] = []
  const chosen = new Set<string>()
  const left = new Set<string>()
  const terms = termsOf(pattern)
  if (terms.length === 0) return err([empty])
  for (const term of terms) {
    const exclude = term.startsWith("!")
    const matched = matching(exclude ? term.slice(1) : term, hosts)
    if (matched.length === 0) problems.push(noMatch(term, hosts))
    for (const name of matched) (exclude ? left : chosen).add(name)
  }
  if (problems.length > 0) return err(problems)
  const start = terms.every((term) => term.startsWith("!")) ? all : [...chosen]
  const result = start.filter((name) => !left.has(name))
  return result.length > 0
    ? ok(new Set(result))
    : err([
        {
          rule: "limit",
          message: `--limit ${pattern} leaves no host`,
          hint: "every chosen host is excluded again",
        },
      ])
}

function termsOf(pattern: string): string[] {
  return pattern
    .split(/[,:]/)
    .map((term) => term.trim())
    .filter((term) => term !== "")
}

/** `--limit "$HOSTS"` with a variable that is not set: never the whole fleet. */
const empty: Problem = {
  rule: "limit",
  message: "--limit is empty",
  hint: "name hosts or groups, or leave --limit out for all hosts",
}

function matching(term: string, hosts: readonly Host[]): string[] {
  const glob = new RegExp(
    `^${term
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  )
  return hosts
    .filter((host) => glob.test(host.name) || host.groups.some((group) => glob.test(group)))
    .map((host) => host.name)
}

function noMatch(term: string, hosts: readonly Host[]): Problem {
  const known = [...new Set(hosts.flatMap((host) => [host.name, ...host.groups]))]
  const near = nearest(term.replace(/^!/, ""), known)
  return {
    rule: "limit",
    message: `--limit: ${term} matches no host or group`,
    hint: near === undefined ? `there are: ${shortList(known)}` : `did you mean ${near}?`,
  }
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ")
  return names.length > 12 ? `${shown}, ... (${names.length} in all)` : shown
}

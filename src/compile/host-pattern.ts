import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { Inventory } from "../schema/documents.ts"
import { unmatchedHint } from "./host-pattern-hint.ts"
import { matcherOf, splitSubscript, type Subscript } from "./host-term.ts"

/** The part of an inventory that patterns look at. */
export type PatternScope = Pick<Inventory, "hosts" | "groups">

/**
 * The terms of a host pattern: commas, colons and blanks separate them, except in brackets and in IPv6 addresses.
 * Source: Ansible's user guide, "Patterns: targeting hosts and groups".
 */
export function termsOf(pattern: string): string[] {
  return pattern
    .split(",")
    .flatMap((part) => (isAddress(part.trim()) ? [part.trim()] : (part.match(termPattern) ?? [])))
}

const termPattern = /(?:\[[^\]]*\]|[^\s:])+/g

/** An IPv6 address with or without a sign before it; no list of names has `::` or that many colons of hexadecimal words. */
function isAddress(part: string): boolean {
  return /^[!&]?(?=.*(?:::|(?:[^:]*:){7}))[0-9a-f:.]+$/i.test(part)
}

/**
 * The hosts that terms choose, in the order of the terms and then of the inventory: names, groups, globs, `~regex` and
 * slices `g[0] g[-1] g[0:2] g[2:]` (both ends included) add; `&term` keeps the hosts that are in both, `!term` leaves out,
 * last of all wherever it stands; without terms that add, all hosts are there to begin with. A term that matches nothing is
 * a problem, rule `limit`: where Ansible warns and goes on, a typing error would change what is deployed.
 */
export function chooseHosts(
  terms: readonly string[],
  scope: PatternScope,
): Result<readonly string[], Problem[]> {
  const problems: Problem[] = []
  const names = scope.hosts.map((host) => host.name)
  const chosenBy = (term: string): readonly string[] => {
    const found = matching(term.replace(/^[&!]/, ""), names, scope)
    if (found.ok && found.value.length > 0) return found.value
    problems.push(unmatched(term, found.ok ? undefined : found.error, scope))
    return []
  }
  const kept = terms.filter((term) => term.startsWith("&"))
  const left = terms.filter((term) => term.startsWith("!"))
  const added = terms.filter((term) => !/^[&!]/.test(term))
  const start = added.length === 0 ? names : added.flatMap(chosenBy)
  let result: readonly string[] = [...new Set(start)]
  for (const term of kept) {
    const both = new Set(chosenBy(term))
    result = result.filter((name) => both.has(name))
  }
  for (const term of left) {
    const out = new Set(chosenBy(term))
    result = result.filter((name) => !out.has(name))
  }
  return problems.length > 0 ? err(problems) : ok(result)
}

/** Hosts of one term without its sign; the error is why it can't be read. */
function matching(
  term: string,
  names: readonly string[],
  scope: PatternScope,
): Result<readonly string[], string> {
  if (names.includes(term)) return ok([term])
  const { expression, subscript } = splitSubscript(term)
  const matcher = matcherOf(expression)
  if (!matcher.ok) return matcher
  const groups = Object.keys(scope.groups).filter(matcher.value)
  const members = groups.flatMap((group) => scope.groups[group] ?? [])
  // Ansible looks at hosts too unless a plain word named a group.
  const hosts =
    groups.length === 0 || /^~|[.?*[]/.test(expression) ? names.filter(matcher.value) : []
  const found = [...new Set([...members, ...hosts])]
  return ok(subscript === undefined ? found : sliced(found, subscript))
}

function sliced(hosts: readonly string[], { first, last }: Subscript): readonly string[] {
  const end = last === undefined ? hosts.length : last + 1
  return first < 0 ? hosts.slice(first, first + 1 || undefined) : hosts.slice(first, end)
}

function unmatched(term: string, wrong: string | undefined, scope: PatternScope): Problem {
  if (wrong !== undefined)
    return { rule: "limit", message: `--limit: ${term} ${wrong}`, hint: "correct the expression" }
  return {
    rule: "limit",
    message: `--limit: ${term} matches no host or group`,
    hint: unmatchedHint(term.replace(/^[&!]/, ""), scope),
  }
}

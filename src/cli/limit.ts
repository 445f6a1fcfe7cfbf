import { resolve } from "node:path"
import { chooseHosts, termsOf, type PatternScope } from "../compile/host-pattern.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { kindAt, readText } from "../load/disk.ts"
import { failedFile } from "./failed-file.ts"

/** What a `--limit` is read against. */
export interface LimitScope {
  readonly known: PatternScope
  /** Holds clusters.yml, and the hosts that failed last. */
  readonly folder: string
  /** Files of `@FILE` are relative to it. */
  readonly currentFolder: string
}

/**
 * The hosts a `--limit` names (docs/inventory.md, "Choosing hosts"), in its order; all without one. `@FILE` stands for the
 * terms in a file, one a line, `@failed` for the hosts that the last run failed on. What matches nothing is a problem, never an
 * empty run.
 */
export function selectHosts(
  pattern: string | undefined,
  scope: LimitScope,
): Result<ReadonlySet<string>, Problem[]> {
  if (pattern === undefined) return ok(new Set(scope.known.hosts.map((host) => host.name)))
  const read = termsOf(pattern).map((term) =>
    term.startsWith("@") ? termsInFile(term.slice(1), scope) : ok([term]),
  )
  const unread = read.flatMap((terms) => (terms.ok ? [] : [terms.error]))
  if (unread.length > 0) return err(unread)
  const terms = read.flatMap((found) => (found.ok ? found.value : []))
  if (terms.length === 0) return err([empty])
  const chosen = chooseHosts(terms, scope.known)
  if (!chosen.ok) return chosen
  return chosen.value.length > 0 ? ok(new Set(chosen.value)) : err([nobodyLeft(pattern)])
}

/** `--limit "$HOSTS"` with a variable that is not set: never the whole fleet. */
const empty: Problem = {
  rule: "limit",
  message: "--limit is empty",
  hint: "name hosts or groups, or leave --limit out for all hosts",
}

function nobodyLeft(pattern: string): Problem {
  return {
    rule: "limit",
    message: `--limit ${pattern} leaves no host`,
    hint: "its parts match hosts, but none passes all of & and !; one of them leaves out what another chooses",
  }
}

function termsInFile(name: string, scope: LimitScope): Result<readonly string[], Problem> {
  const path = name === "failed" ? failedFile(scope.folder) : name
  const full = resolve(scope.currentFolder, path)
  if (kindAt(full) === "absent") return err(missing(name, path))
  const text = readText(full, path)
  if (!text.ok) return text
  const lines = text.value.split(/\r?\n/).map((line) => line.trim())
  const terms = lines.filter((line) => line !== "" && !line.startsWith("#"))
  if (terms.length > 0) return ok(terms)
  const hint = "write host or group names into it, one a line"
  return err({ rule: "limit", message: `--limit @${name}: ${path} names no host`, hint })
}

function missing(name: string, path: string): Problem {
  const hint =
    name === "failed"
      ? "no run on this inventory has failed since the last that went well; a file of your own by that name is @./failed"
      : "the file is looked for from the folder lbctl runs in; it holds names, one a line"
  return { rule: "limit", message: `--limit @${name}: there is no file ${path}`, hint }
}

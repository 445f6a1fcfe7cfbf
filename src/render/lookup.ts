import { quotedSuggestion } from "../core/suggestion.ts"
import type { Result } from "../core/result.ts"
import { err, ok } from "../core/result.ts"

/** A name that is not there, and the names that are. */
export interface UnknownName {
  readonly name: string
  /** The path walked so far; empty at the root. */
  readonly parent: string
  readonly known: readonly string[]
}

/**
 * The value at a path of names. Only own properties count. Within an absent value (null) everything is absent;
 * a name that its parent does not have is an error.
 */
export function lookup(base: unknown, parts: readonly string[]): Result<unknown, UnknownName> {
  let value = base
  let depth = 0
  for (const name of parts) {
    if (value === null || value === undefined) return ok(null)
    if (typeof value !== "object" || !Object.hasOwn(value, name))
      return err({ name, parent: parts.slice(0, depth).join("."), known: namesIn(value) })
    value = (value as Readonly<Record<string, unknown>>)[name]
    depth += 1
  }
  return ok(value ?? null)
}

/** What `if` and `when` take for yes: Handlebars' rule (handlebarsjs.com/guide/builtin-helpers.html#if). */
export function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/** `item has no "adress": did you mean "address"?`, or the names that would be right. */
export function describeUnknown(unknown: UnknownName): { message: string; hint: string } {
  const { name, parent, known } = unknown
  const where = parent === "" ? "" : ` in ${parent}`
  return {
    message: `there is no "${name}"${where}`,
    hint: quotedSuggestion(
      name,
      known,
      known.length === 0
        ? "it has no names of its own"
        : `names${where || " here"}: ${known.join(", ")}`,
    ),
  }
}

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return []
  return Array.isArray(value) ? [...value.keys()].map(String) : Object.keys(value)
}

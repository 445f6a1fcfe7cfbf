import { formatPlace, type Problem, type SourceRef } from "../core/problem.ts"
import { canonicalJson } from "../core/digest.ts"
import type { Report } from "./fill.ts"
import type { Wanted } from "./resources.ts"

/**
 * One list of what several entries want, in their order. The same thing wanted twice alike counts once; wanted twice
 * differently it is a problem, as is a thing that may have but one writer (`exclusive`).
 */
export function merge<T>(
  wanted: readonly Wanted<T>[],
  what: { readonly key: (value: T) => string; readonly noun: string; readonly exclusive?: boolean },
  report: Report,
): T[] {
  const kept = new Map<string, Wanted<T>>()
  for (const entry of wanted) {
    const key = what.key(entry.value)
    const first = kept.get(key)
    if (first === undefined) kept.set(key, entry)
    else if (what.exclusive === true || canonicalJson(first.value) !== canonicalJson(entry.value))
      report(conflict(`${what.noun} ${key}`, entry.at, first.at))
  }
  return [...kept.values()].map(({ value }) => value)
}

function conflict(subject: string, at: SourceRef, first: SourceRef): Problem {
  return {
    rule: "role-conflict",
    message: `${subject} is already wanted at ${formatPlace(first)}`,
    at,
    hint: "a host can hold it in one form only: remove one of the two, or override the whole role by one of the same name",
  }
}

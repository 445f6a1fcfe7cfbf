import { canonicalJson, sha256 } from "../core/digest.ts"
import type { Problem } from "../core/problem.ts"

/** One finding of a Code Quality report (GitLab, "Code Quality report format"). */
export interface Finding {
  readonly description: string
  readonly check_name: string
  /** Names the finding from one pipeline to the next. */
  readonly fingerprint: string
  readonly severity: "major" | "minor"
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } }
}

/**
 * Problems as a Code Quality report. The line is no part of a fingerprint, so that an edit further up makes no new finding;
 * of the same finding twice in a file the count is.
 * @param unplaced the path shown for a problem that lies in no file
 */
export function codeQuality(problems: readonly Problem[], unplaced: string): Finding[] {
  const seen = new Map<string, number>()
  return problems.map(({ rule, message, hint, at, severity }) => {
    const path = at?.file ?? unplaced
    const identity = canonicalJson([rule, path, message])
    const count = seen.get(identity) ?? 0
    seen.set(identity, count + 1)
    return {
      description: hint === undefined ? message : `${message} (${hint})`,
      check_name: rule,
      fingerprint: sha256(`${identity} ${count}`),
      severity: severity === "warning" ? "minor" : "major",
      location: { path, lines: { begin: at?.line ?? 1 } },
    }
  })
}

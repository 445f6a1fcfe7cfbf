import { Failure } from "../core/failure.ts"

/** What output is for: people, machines, GitHub Actions, GitLab's reports, a comment of a pull request. */
export const formats = ["text", "json", "github", "gitlab", "markdown"] as const
export type Format = (typeof formats)[number]

export interface FormatFlags {
  readonly format?: Format
  /** Short for `--format json`. */
  readonly json?: true
}

/** @throws Failure `input` where the two options say different things. */
export function formatOf({ format, json }: FormatFlags): Format {
  if (json !== true) return format ?? "text"
  if (format === undefined || format === "json") return "json"
  throw new Failure("input", `--json and --format ${format} exclude each other`, {
    hint: "--json is short for --format json",
  })
}

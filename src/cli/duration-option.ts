import { parseDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"

/**
 * The milliseconds of an option such as `--wait`.
 * @throws Failure `input` for what is no duration.
 */
export function durationOption(name: string, text: string, examples: string): number {
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined) return milliseconds
  throw new Failure("input", `${name} ${text}: not a duration`, {
    hint: `a number with its unit: ${examples}`,
  })
}

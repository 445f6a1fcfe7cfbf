import { createTwoFilesPatch } from "diff"

/** A longer computation is not worth waiting for; the sizes are told instead. */
const patienceMs = 2000

/** Unified diff of a file before and after. */
export function textDiff(path: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(path, path, before, after, "now", "planned", {
    context: 2,
    timeout: patienceMs,
  })
  return patch === undefined
    ? `${path}: too many differences to show (${before.length} -> ${after.length} characters)`
    : patch.replace(/^=+\n/, "")
}

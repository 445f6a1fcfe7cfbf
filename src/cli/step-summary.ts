import { appendFileSync } from "node:fs"
import { complain } from "./output.ts"

/** Adds to the summary of a step of GitHub Actions, in the file that GITHUB_STEP_SUMMARY names; nothing elsewhere. */
export function addStepSummary(markdown: string): void {
  const path = process.env["GITHUB_STEP_SUMMARY"] ?? ""
  if (path === "") return
  try {
    appendFileSync(path, `${markdown}\n`)
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    complain(`the step's summary could not be written: ${why}`)
  }
}

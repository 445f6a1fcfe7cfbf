import { Failure } from "../../core/failure.ts"
import { readText } from "../store/files.ts"
import { parseDirectorState } from "../store/desired.ts"
import { printProblems } from "./output.ts"
import { badUsage } from "./words.ts"

/** Whether a file is a desired state that the daemon would take. */
export async function check(words: readonly string[]): Promise<number> {
  const [path] = words
  if (path === undefined || words.length > 1) throw badUsage("one file is needed", "check FILE")
  const text = readText(path)
  if (text === undefined) throw new Failure("failed", `there is no file ${path}`)
  const parsed = parseDirectorState(text)
  if (parsed.ok) return 0
  printProblems(
    parsed.error.map((problem) => ({ ...problem, message: `${path}: ${problem.message}` })),
  )
  return 1
}

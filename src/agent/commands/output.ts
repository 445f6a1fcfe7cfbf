import type { Problem } from "../../core/problem.ts"
import { formatProblem } from "../../core/problem.ts"
import type { Reply } from "../client.ts"
import { problemsOf } from "../client.ts"

/** One line of result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Problems, one line each, where errors go. */
export function printProblems(problems: readonly Problem[]): void {
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`)
}

/** Prints the problems of a reply; the exit code, where access rules refused the one of guards. */
export function conclude(reply: Reply): number {
  printProblems(problemsOf(reply))
  if (reply.code === 403) return 9
  return reply.code === 200 ? 0 : 1
}

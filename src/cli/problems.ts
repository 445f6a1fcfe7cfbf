import { formatProblem, type Problem } from "../core/problem.ts"
import { plural } from "../core/text.ts"
import { exitCodes } from "./exit.ts"
import { complain, printJson } from "./output.ts"

/** Prints every problem and gives the exit code of bad input: no host was contacted. */
export function refuse(problems: readonly Problem[], json: boolean): number {
  if (json) printJson({ valid: false, problems })
  else {
    for (const problem of problems) complain(formatProblem(problem))
    const errors = problems.filter((problem) => problem.severity !== "warning").length
    complain(`${plural(errors, "error")}; nothing was changed anywhere`)
  }
  return exitCodes.input
}

/** Prints warnings, which stop nothing. */
export function warn(problems: readonly Problem[]): void {
  for (const problem of problems) complain(formatProblem({ ...problem, severity: "warning" }))
}

import { formatProblem, type Problem } from "../core/problem.ts"
import { assertNever } from "../core/result.ts"
import { plural } from "../core/text.ts"
import { codeQuality } from "../report/code-quality.ts"
import { problemCommand } from "../report/github.ts"
import { problemTable } from "../report/problem-table.ts"
import { exitCodes } from "./exit.ts"
import type { Format } from "./format.ts"
import { complain, print, printJson } from "./output.ts"
import { fromRepository } from "./repository-path.ts"

/** Where a Code Quality report puts what lies in no file: GitLab wants a path. */
const unplaced = "inventories"

/** Prints every problem and gives the exit code of bad input: no host was contacted. */
export function refuse(problems: readonly Problem[], format: Format): number {
  tell(problems, format, false)
  if (format === "json") return exitCodes.input
  const errors = problems.filter((problem) => problem.severity !== "warning").length
  complain(`${plural(errors, "error")}; nothing was changed anywhere`)
  return exitCodes.input
}

/** Prints the problems of a definition that is sound: warnings. */
export function tellValid(warnings: readonly Problem[], format: Format): void {
  tell(warnings.map(asWarning), format, true)
}

/** Prints warnings beside what else a command prints: for people, or at their lines. */
export function warn(problems: readonly Problem[], format: Format): void {
  for (const problem of problems.map(asWarning)) {
    if (format === "github") print(problemCommand(fromRepository(problem)))
    else if (format !== "json") complain(formatProblem(problem))
  }
}

/** In a format for machines on standard output, and for whoever reads the log too. */
function tell(problems: readonly Problem[], format: Format, valid: boolean): void {
  const placed = problems.map(fromRepository)
  switch (format) {
    case "json":
      printJson({ valid, problems })
      return
    case "github":
      for (const problem of placed) print(problemCommand(problem))
      return
    case "gitlab":
      printJson(codeQuality(placed, unplaced))
      break
    case "markdown":
      print(problemTable(placed))
      break
    case "text":
      break
    default:
      assertNever(format)
  }
  for (const problem of problems) complain(formatProblem(problem))
}

function asWarning(problem: Problem): Problem {
  return { ...problem, severity: "warning" }
}

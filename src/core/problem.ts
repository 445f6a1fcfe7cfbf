import { compareText } from "./text.ts"

/** A place in a file the user wrote; line and column count from 1. */
export interface SourceRef {
  readonly file: string
  readonly line: number
  readonly column: number
}

export type Severity = "error" | "warning"

/**
 * What is wrong with the user's input: the error of every pure phase.
 * `rule` is stable and documented in docs/rules.md; `hint` says what would be right.
 */
export interface Problem {
  readonly rule: string
  readonly message: string
  readonly at?: SourceRef
  readonly hint?: string
  readonly severity?: Severity
}

/** True unless every problem is a mere warning. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => (problem.severity ?? "error") === "error")
}

/** By file, line, column and rule, so that the same input prints the same list. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      compareText(a.at?.file ?? "", b.at?.file ?? "") ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
      compareText(a.rule, b.rule) ||
      compareText(a.message, b.message),
  )
}

/** `file:line:column`. */
export function formatPlace({ file, line, column }: SourceRef): string {
  return `${file}:${line}:${column}`
}

/** `file:line:column: error: message [rule]`, and the hint on a line of its own. */
export function formatProblem(problem: Problem): string {
  const place = problem.at === undefined ? "" : `${formatPlace(problem.at)}: `
  const hint = problem.hint === undefined ? "" : `\n    ${problem.hint}`
  return `${place}${problem.severity ?? "error"}: ${problem.message} [${problem.rule}]${hint}`
}

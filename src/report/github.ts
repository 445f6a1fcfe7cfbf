import type { Problem, Severity } from "../core/problem.ts"

/** A problem as a workflow command of GitHub Actions, which shows it at its line ("Workflow commands for GitHub Actions"). */
export function problemCommand(problem: Problem): string {
  const { at, rule, message, hint, severity } = problem
  const place: [string, string][] =
    at === undefined
      ? []
      : [
          ["file", at.file],
          ["line", String(at.line)],
          ["col", String(at.column)],
        ]
  const text = hint === undefined ? message : `${message}\n${hint}`
  return command(severity ?? "error", [...place, ["title", rule]], text)
}

/** Something without a place in a file. */
export function noticeCommand(severity: Severity, title: string, message: string): string {
  return command(severity, [["title", title]], message)
}

function command(
  name: string,
  properties: readonly (readonly [name: string, value: string])[],
  message: string,
): string {
  const list = properties.map(([key, value]) => `${key}=${escapeProperty(value)}`).join(",")
  return `::${name} ${list}::${escapeData(message)}`
}

/** As actions/toolkit escapes (packages/core/src/command.ts): the percent sign first. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C")
}

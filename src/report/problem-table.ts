import { markdownText } from "../core/markdown.ts"
import type { Problem } from "../core/problem.ts"
import { plural } from "../core/text.ts"

/** So many rows fit into a comment. */
const shown = 100

/** Problems as a table of Markdown, for a comment of a pull request. */
export function problemTable(problems: readonly Problem[]): string {
  if (problems.length === 0) return "### lbctl validate: no problems\n"
  const rows = problems.slice(0, shown).map(({ at, severity, message, hint, rule }) => {
    const place = at === undefined ? "" : `${at.file}:${at.line}`
    const next = hint === undefined ? "" : `<br>${markdownText(hint)}`
    const cells = [markdownText(place), severity ?? "error", `${markdownText(message)}${next}`]
    return `| ${[...cells, rule].join(" | ")} |`
  })
  const more = problems.length - shown
  return [
    `### lbctl validate: ${plural(problems.length, "problem")}`,
    "",
    "| where | | what | rule |",
    "| --- | --- | --- | --- |",
    ...rows,
    ...(more > 0 ? ["", `and ${more} more`] : []),
    "",
  ].join("\n")
}

import { assertNever } from "../core/result.ts"
import type { Notice, ShownPlan } from "../model/plan.ts"
import { planGitlab } from "../plan/gitlab.ts"
import { planJson } from "../plan/json.ts"
import { planMarkdown } from "../plan/markdown.ts"
import { planParts, type PlanTextOptions } from "../plan/text.ts"
import { noticeCommand } from "../report/github.ts"
import type { Format } from "./format.ts"
import { print, printJson } from "./output.ts"
import { addStepSummary } from "./step-summary.ts"

/** Prints a plan on standard output. */
export function printPlan(plan: ShownPlan, format: Format, options: PlanTextOptions): void {
  switch (format) {
    case "text":
      printText(plan, options)
      return
    case "json":
      printJson(planJson(plan))
      return
    case "github":
      printText(plan, options)
      annotate(plan)
      addStepSummary(planMarkdown(plan))
      return
    case "gitlab":
      printJson(planGitlab(plan))
      return
    case "markdown":
      print(planMarkdown(plan))
      return
    default:
      assertNever(format)
  }
}

function printText(plan: ShownPlan, options: PlanTextOptions): void {
  let before = ""
  for (const part of planParts(plan, options)) {
    print(before + part)
    before = "\n"
  }
}

/** What stands against the plan, and what is to be known of it, beside the files of a pull request. */
function annotate({ blocked, unreachable, guards, warnings }: ShownPlan): void {
  const tell = (severity: "error" | "warning", title: string, notices: readonly Notice[]) => {
    for (const { host, message, hint } of notices) {
      const who = host === undefined ? "" : `${host}: `
      const next = hint === undefined ? "" : `\n${hint}`
      print(noticeCommand(severity, title, `${who}${message}${next}`))
    }
  }
  tell("error", "lbctl: cannot be done", blocked)
  tell("error", "lbctl: unreachable", unreachable)
  tell("warning", "lbctl: needs your word", guards)
  tell("warning", "lbctl: to know", warnings)
}

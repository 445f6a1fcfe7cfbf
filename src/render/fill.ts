import type { Problem, SourceRef } from "../core/problem.ts"
import type { RoleScope, RoleText } from "../model/role.ts"
import { renderTemplate } from "./engine.ts"
import type { Filled, TemplateText } from "./engine.ts"
import { describeUnknown, isTrue, lookup } from "./lookup.ts"
import { line } from "./values.ts"
import type { Check } from "./values.ts"

/** Takes note of a problem. */
export type Report = (problem: Problem) => void

/** What templates see: the view of the host, and what an entry adds to it. */
export type Scope = object

/** Fills in texts of one scope; undefined for one that failed, whose problem is reported. */
export interface Fill {
  /** A text that plans show: a secret in it is a problem. */
  readonly text: (template: TemplateText, check?: Check) => string | undefined
  /** The content of a file, the one place for secrets. */
  readonly content: (template: TemplateText, check?: Check) => Filled | undefined
  readonly words: (templates: readonly TemplateText[]) => readonly string[] | undefined
}

/** The filler of a scope. */
export function filler(scope: Scope, report: Report): Fill {
  const content: Fill["content"] = (template, check) => {
    const filled = renderTemplate(template, scope)
    if (!filled.ok) {
      filled.error.forEach(report)
      return undefined
    }
    const wrong = check?.(filled.value.text)
    if (wrong !== undefined) report(valueProblem(wrong, template.at))
    return wrong === undefined ? filled.value : undefined
  }
  const text: Fill["text"] = (template, check) => {
    const filled = content(template)
    if (filled?.secret === true) report(secretProblem(template))
    if (filled === undefined || filled.secret) return undefined
    const wrong = check?.(filled.text)
    if (wrong !== undefined) report(valueProblem(wrong, template.at))
    return wrong === undefined ? filled.text : undefined
  }
  const words: Fill["words"] = (templates) => {
    const filled = templates.map((template) => text(template, line))
    return filled.every((word) => word !== undefined) ? filled : undefined
  }
  return { text, content, words }
}

/** The scopes of one entry of a role: one for each item of `each`, less those that `when` leaves out. */
export function scopesOf(entry: RoleScope, view: Scope, report: Report): Scope[] {
  const { each, when } = entry
  const all = each === undefined ? [view] : items(each, view, report)
  return when === undefined ? all : all.filter((scope) => isTrue(follow(when, scope, report)))
}

function items(each: RoleText, view: Scope, report: Report): Scope[] {
  const list = follow(each, view, report) ?? []
  if (Array.isArray(list)) return list.map((item: unknown) => ({ ...view, item }))
  report(valueProblem(`${each.text} is no list`, each.at))
  return []
}

function follow(path: RoleText, scope: Scope, report: Report): unknown {
  const found = lookup(scope, path.text.split("."))
  if (found.ok) return found.value
  const { message, hint } = describeUnknown(found.error)
  report({ rule: "template-name", message: `${path.text}: ${message}`, at: path.at, hint })
  return null
}

function secretProblem({ at }: TemplateText): Problem {
  return {
    rule: "secret-place",
    message: "a secret may stand in the content of files only: plans and processes show all else",
    ...(at === undefined ? {} : { at }),
    hint: "write it into a file, and name that file here",
  }
}

function valueProblem(message: string, at: SourceRef | undefined): Problem {
  return { rule: "role-value", message, ...(at === undefined ? {} : { at }) }
}

import type {} from "handlebars"
// Handlebars' parser alone: its compiler and run time take longer to load than all that is done with them here.
import { parse as parseHandlebars } from "handlebars/dist/cjs/handlebars/compiler/base.js"
import type { Problem, SourceRef } from "../core/problem.ts"
import type { Result } from "../core/result.ts"
import { err, ok } from "../core/result.ts"
import { quotedSuggestion } from "../core/suggestion.ts"
import { evaluate } from "./evaluate.ts"
import { helpers } from "./helpers.ts"
import type { Expression, Position, TemplateNode } from "./tree.ts"

/** A template's text and where it stands: a file of its own, or a value (`at`) in a role document. */
export interface TemplateText {
  readonly text: string
  readonly file?: string
  readonly at?: SourceRef
}

/** What a template came to, and whether there is a secret in it. */
export interface Filled {
  readonly text: string
  readonly secret: boolean
}

/** A piece of a text, and the place in the template that it came from. */
export interface PlacedPiece {
  readonly text: string
  readonly at: SourceRef
  /** It stands in the template as it is: its lines are the template's. */
  readonly literal: boolean
  /** The blocks around it, from the outside: `director.vrrp[0]`. */
  readonly within: readonly string[]
}

type Parsed = Result<readonly TemplateNode[], readonly Problem[]>

/** Templates are parsed once, however many hosts they are filled in for. */
const parsed = new WeakMap<TemplateText, Parsed>()

/**
 * Fills in a template: Handlebars' language, read by Handlebars' parser and carried out strictly (evaluate.ts), escaping nothing.
 * All that is wrong comes back as problems: syntax (`template-syntax`), names that are not there (`template-name`) and values
 * that can't be printed or passed to a helper (`template-value`).
 */
export function renderTemplate(template: TemplateText, view: unknown): Result<Filled, Problem[]> {
  if (!template.text.includes("{{")) return ok({ text: template.text, secret: false })
  const tree = parsed.get(template) ?? parse(template)
  parsed.set(template, tree)
  if (!tree.ok) return err([...tree.error])
  const { text, secret, mistakes } = evaluate(tree.value, view)
  if (mistakes.length === 0) return ok({ text, secret })
  return err(
    mistakes.map(({ rule, message, hint, at }) => problem(template, rule, message, at, hint)),
  )
}

/** What a template comes to, piece by piece, for one that `renderTemplate` can fill in. */
export function tracedTemplate(template: TemplateText, view: unknown): PlacedPiece[] {
  const tree = parsed.get(template) ?? parse(template)
  if (!tree.ok) return []
  const pieces: PlacedPiece[] = []
  evaluate(tree.value, view, ({ at, ...piece }) => {
    pieces.push({ ...piece, at: placeIn(template, at) })
  })
  return pieces
}

function parse(template: TemplateText): Parsed {
  const problems: Problem[] = []
  try {
    const program = parseHandlebars(template.text)
    const tree = nodes(program, (message, at, hint) =>
      problems.push(problem(template, "template-syntax", message, at, hint)),
    )
    return problems.length === 0 ? ok(tree) : err(problems)
  } catch (thrown) {
    return err([syntaxProblem(template, thrown)])
  }
}

type Refuse = (message: string, at: Position, hint?: string) => void

function nodes(program: hbs.AST.Program | undefined, refuse: Refuse): TemplateNode[] {
  return (program?.body ?? []).flatMap((statement): TemplateNode[] => {
    switch (statement.type) {
      case "ContentStatement":
        return [content(statement as hbs.AST.ContentStatement)]
      case "CommentStatement":
        return []
      case "MustacheStatement":
        return [print(statement as hbs.AST.MustacheStatement, refuse)]
      case "BlockStatement":
        return block(statement as hbs.AST.BlockStatement, refuse)
      default:
        refuse("templates have no partials and no decorators", position(statement))
        return []
    }
  })
}

/** What a block on a line of its own took from a text's beginning counts for its place. */
function content({ value, original, loc }: hbs.AST.ContentStatement): TemplateNode {
  // The text before blocks took from it, whatever its type says (handlebars, src/handlebars.yy, content).
  const whole = typeof original === "string" ? original : value
  const taken = whole.slice(0, Math.max(0, whole.indexOf(value)))
  const lines = taken.split("\n").length - 1
  const column = lines === 0 ? loc.start.column + taken.length + 1 : 1
  return { kind: "text", text: value, at: { line: loc.start.line + lines, column } }
}

function print(statement: hbs.AST.MustacheStatement, refuse: Refuse): TemplateNode {
  const at = position(statement)
  const called = statement.params.length > 0 || hasHash(statement)
  return {
    kind: "print",
    value: called ? call(statement, refuse) : expression(statement.path, refuse),
    at,
  }
}

function block(statement: hbs.AST.BlockStatement, refuse: Refuse): TemplateNode[] {
  const at = position(statement)
  const keyword = statement.path.original
  const [param, ...more] = statement.params
  if (keyword !== "if" && keyword !== "unless" && keyword !== "each" && keyword !== "with") {
    refuse(`there is no block "#${keyword}"`, at, "blocks: #if, #unless, #each, #with")
    return []
  }
  if (param === undefined || more.length > 0 || hasHash(statement)) {
    refuse(`#${keyword} takes one value`, at)
    return []
  }
  const value = expression(param, refuse)
  const body = nodes(statement.program, refuse)
  const otherwise = nodes(statement.inverse, refuse)
  if (keyword === "if" || keyword === "unless")
    return [{ kind: "if", condition: value, negated: keyword === "unless", body, otherwise }]
  // `{{^each list}}` has only the other branch.
  const names = (statement.program as hbs.AST.Program | undefined)?.blockParams ?? []
  return [{ kind: keyword, value, at, names, body, otherwise }]
}

function expression(node: hbs.AST.Expression, refuse: Refuse): Expression {
  switch (node.type) {
    case "StringLiteral":
    case "NumberLiteral":
    case "BooleanLiteral":
      return { kind: "literal", value: (node as hbs.AST.StringLiteral).value }
    case "SubExpression":
      return call(node as hbs.AST.SubExpression, refuse)
    case "PathExpression":
      return path(node as hbs.AST.PathExpression, refuse)
    default:
      refuse("null and undefined are no values of a template", position(node))
      return { kind: "literal", value: "" }
  }
}

function call(node: hbs.AST.SubExpression | hbs.AST.MustacheStatement, refuse: Refuse): Expression {
  const at = position(node)
  const helper = String((node.path as hbs.AST.PathExpression).original)
  const known = Object.keys(helpers)
  if (!known.includes(helper)) {
    const hint = quotedSuggestion(helper, known, `helpers: ${known.join(", ")}`)
    refuse(`there is no helper "${helper}"`, at, hint)
  }
  if (hasHash(node)) refuse(`${helper} takes no named values`, at)
  return { kind: "call", helper, params: node.params.map((param) => expression(param, refuse)), at }
}

/** What each gives besides the item (handlebarsjs.com/api-reference/data-variables.html). */
const loopNames = ["index", "key", "first", "last"]

function path(node: hbs.AST.PathExpression, refuse: Refuse): Expression {
  const at = position(node)
  const { parts, depth, original: text } = node
  if (!node.data) return { kind: "path", text, base: "scope", depth, parts, at }
  if (parts[0] === "root" && depth === 0)
    return { kind: "path", text, base: "root", depth, parts: parts.slice(1), at }
  if (!loopNames.includes(parts[0] ?? "") || depth > 0)
    refuse(`there is no "${text}"`, at, `@root, @${loopNames.join(", @")}`)
  return { kind: "path", text, base: "loop", depth, parts, at }
}

function hasHash(node: { readonly hash?: hbs.AST.Hash }): boolean {
  return (node.hash?.pairs.length ?? 0) > 0
}

function position(node: hbs.AST.Node): Position {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 }
}

/** Handlebars' parser throws what it can't read: `Parse error on line 3: …`, or with `lineNumber` and `column`. */
function syntaxProblem(template: TemplateText, thrown: unknown): Problem {
  const { message, lineNumber, column } = thrown as {
    readonly message: string
    readonly lineNumber?: number
    readonly column?: number
  }
  const line = lineNumber ?? Number(/^Parse error on line (\d+)/.exec(message)?.[1] ?? 1)
  const got = /got '(\w+)'$/.exec(message)?.[1]
  const words =
    lineNumber !== undefined
      ? message.replace(/ - \d+:\d+$/, "")
      : got === "EOF"
        ? "the template ends in the middle of a block or of {{ }}"
        : "this is no template syntax"
  return problem(template, "template-syntax", words, { line, column: (column ?? 0) + 1 })
}

function problem(
  template: TemplateText,
  rule: string,
  message: string,
  at: Position,
  hint?: string,
): Problem {
  return { rule, message, at: placeIn(template, at), ...(hint === undefined ? {} : { hint }) }
}

function placeIn({ at: value, file }: TemplateText, at: Position): SourceRef {
  return value === undefined ? { file: file ?? "template", ...at } : placeWithin(value, at)
}

/** The place in a role document: a block scalar begins in the first column, and its lines are the file's; else it is the value's own. */
function placeWithin(value: SourceRef, { line }: Position): SourceRef {
  return value.column === 1 ? { ...value, line: value.line + line - 1 } : value
}

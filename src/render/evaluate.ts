import { assertNever } from "../core/result.ts"
import { revealed, Secret } from "../core/secret.ts"
import { helpers } from "./helpers.ts"
import { describeUnknown, isTrue, lookup } from "./lookup.ts"
import type { Expression, Position, TemplateNode } from "./tree.ts"

/** What a template got wrong about the view, and where. */
export interface Mistake {
  readonly rule: "template-name" | "template-value"
  readonly message: string
  readonly hint?: string
  readonly at: Position
}

/** The text, and every mistake met on the way; the text is worthless when there is one. */
export interface Evaluated {
  readonly text: string
  /** The text was made of a secret, or depends on one. */
  readonly secret: boolean
  readonly mistakes: readonly Mistake[]
}

/** Stands for a value that could not be had; its mistake is noted, and what is made of it is no new one. */
const broken = Symbol("broken")

/** Takes a piece of the text, where it stands in the template, and the blocks around it. */
export type Trace = (piece: {
  readonly text: string
  readonly at: Position
  /** It stands in the template as it is: its lines are the template's. */
  readonly literal: boolean
  readonly within: readonly string[]
}) => void

interface Scope {
  readonly within: readonly string[]
  readonly value: unknown
  readonly parent?: Scope
  readonly named: Readonly<Record<string, unknown>>
  readonly loop: Readonly<Record<string, unknown>>
}

/**
 * Fills in a template. Means what Handlebars means by it, but strictly: a name that is not there is a mistake in every
 * position (Handlebars' strict mode lets `#if`, `#each` and helper arguments pass), and so is printing what is no text.
 */
export function evaluate(nodes: readonly TemplateNode[], view: unknown, trace?: Trace): Evaluated {
  const mistakes: Mistake[] = []
  let secret = false
  // Appended rather than joined: templates of thousands of lines are filled in for every host.
  const print = (list: readonly TemplateNode[], scope: Scope): string => {
    let printed = ""
    for (const node of list) printed += printNode(node, scope)
    return printed
  }
  const text = print(nodes, { value: view, named: {}, loop: {}, within: [] })
  return { text, secret, mistakes: distinct(mistakes) }

  function printNode(node: TemplateNode, scope: Scope): string {
    switch (node.kind) {
      case "text":
        return told(node.text, node, scope)
      case "print":
        return told(printed(given(valueOf(node.value, scope)), node), node, scope)
      case "if": {
        const value = given(valueOf(node.condition, scope))
        if (value === broken) return ""
        return print(isTrue(value) === node.negated ? node.otherwise : node.body, scope)
      }
      case "each":
      case "with":
        return printScoped(node, scope)
      default:
        return assertNever(node)
    }
  }

  function told(
    piece: string,
    { kind, at }: Extract<TemplateNode, { kind: "text" | "print" }>,
    { within }: Scope,
  ): string {
    trace?.({ text: piece, at, literal: kind === "text", within })
    return piece
  }

  function printScoped(
    node: Extract<TemplateNode, { kind: "each" | "with" }>,
    scope: Scope,
  ): string {
    const value = given(valueOf(node.value, scope))
    if (value === broken) return ""
    const wrong = node.kind === "each" && value !== null && typeof value !== "object"
    if (wrong) note("template-value", `${show(node.value)} is no list`, node.at)
    if (wrong || !isTrue(value)) return print(node.otherwise, scope)
    const entries: [string | number, unknown][] =
      node.kind === "with"
        ? [["", value]]
        : Array.isArray(value)
          ? value.map((item, index) => [index, item])
          : Object.entries(value as object)
    if (entries.length === 0) return print(node.otherwise, scope)
    let text = ""
    for (const [index, [key, item]] of entries.entries())
      text += print(node.body, {
        value: item,
        parent: scope,
        within: trace === undefined ? scope.within : [...scope.within, blockName(node, key)],
        named: node.names.length === 0 ? scope.named : named(scope, node.names, item, key),
        loop:
          node.kind === "with"
            ? scope.loop
            : { key, index, first: index === 0, last: index === entries.length - 1 },
      })
    return text
  }

  function valueOf(expression: Expression, scope: Scope): unknown {
    switch (expression.kind) {
      case "literal":
        return expression.value
      case "path":
        return resolve(expression, scope)
      case "call":
        return call(expression, scope)
      default:
        return assertNever(expression)
    }
  }

  function resolve(path: Extract<Expression, { kind: "path" }>, scope: Scope): unknown {
    const base = baseOf(path, scope)
    if (base === undefined) {
      note("template-name", `${path.text} leads out of the view`, path.at)
      return broken
    }
    const found = lookup(base, path.parts)
    if (found.ok) return found.value
    const { message, hint } = describeUnknown(found.error)
    note("template-name", `${path.text}: ${message}`, path.at, hint)
    return broken
  }

  function call(expression: Extract<Expression, { kind: "call" }>, scope: Scope): unknown {
    const params = expression.params.map((param) => valueOf(param, scope))
    if (params.includes(broken)) return broken
    // `has` looks at names only, and names are no secrets.
    const opened = expression.helper === "has" ? [] : params.map(revealed)
    const isSecret = opened.some((one) => one.secret)
    const result = helpers[expression.helper]?.(
      isSecret ? opened.map(({ value }) => value) : params,
    )
    if (result?.ok === true) return isSecret ? concealed(result.value) : result.value
    note("template-value", result?.error ?? `no helper ${expression.helper}`, expression.at)
    return broken
  }

  /** What a secret is; from here on the text is one, too. */
  function given(value: unknown): unknown {
    if (!(value instanceof Secret)) return value
    secret = true
    return value.value()
  }

  function printed(value: unknown, node: Extract<TemplateNode, { kind: "print" }>): string {
    if (value === broken) return ""
    if (typeof value === "string") return value
    if (typeof value === "number" || typeof value === "boolean") return String(value)
    note("template-value", `${show(node.value)} ${whyUnprintable(value)}`, node.at)
    return ""
  }

  function note(rule: Mistake["rule"], message: string, at: Position, hint?: string): void {
    mistakes.push({ rule, message, at, ...(hint === undefined ? {} : { hint }) })
  }
}

/** The value that a path's parts are names in; undefined when `../` climbs above the view. */
function baseOf(path: Extract<Expression, { kind: "path" }>, scope: Scope): unknown {
  if (path.base === "loop") return scope.loop
  let from: Scope | undefined = scope
  if (path.base === "root") {
    while (from.parent !== undefined) from = from.parent
    return from.value
  }
  const first = path.parts[0]
  if (path.depth === 0 && first !== undefined && Object.hasOwn(scope.named, first))
    return scope.named
  for (let level = 0; level < path.depth; level++) from = from?.parent
  return from?.value
}

/** The names in scope, with those that a block gives its item and key. */
function named(
  scope: Scope,
  names: readonly string[],
  item: unknown,
  key: string | number,
): Scope["named"] {
  const values = [item, key]
  return {
    ...scope.named,
    ...Object.fromEntries(names.map((name, index) => [name, values[index]])),
  }
}

function blockName(
  { kind, value }: Extract<TemplateNode, { kind: "each" | "with" }>,
  key: string | number,
): string {
  return kind === "with" ? show(value) : `${show(value)}[${key}]`
}

/** What a helper made of a secret is one. */
function concealed(value: unknown): unknown {
  return typeof value === "string" || typeof value === "boolean" ? new Secret(value) : value
}

function show(expression: Expression): string {
  switch (expression.kind) {
    case "path":
      return expression.text
    case "literal":
      return JSON.stringify(expression.value)
    case "call":
      return `(${expression.helper} …)`
    default:
      return assertNever(expression)
  }
}

function whyUnprintable(value: unknown): string {
  if (value === null || value === undefined) return "has no value on this host: guard it by #if"
  if (Array.isArray(value)) return "is a list: print it by #each or join"
  return "is a map: name what to print of it"
}

/** One mistake a place: a loop meets the same one at every item. */
function distinct(mistakes: readonly Mistake[]): Mistake[] {
  const byPlace = new Map(mistakes.map((one) => [`${one.at.line}:${one.at.column}`, one]))
  return [...byPlace.values()]
}

import type { SourceRef } from "../core/problem.ts"
import { compareText, shortened, table } from "../core/text.ts"
import type { Layer } from "../load/inventory-layers.ts"

/** A value that a variable was given, and where. */
export interface Given {
  readonly value: unknown
  readonly from: SourceRef
  /** Whose variable it is there: `group web`, `host rs1`. */
  readonly of: string
}

/** A variable of a host: the value that won, and those that it won over, the nearest first. */
export interface Explained extends Given {
  readonly variable: string
  readonly over: readonly Given[]
}

/** Which file and line each variable came from. `layers` are the host's, lowest first. */
export function explain(layers: readonly Layer[]): Explained[] {
  const given = new Map<string, Given[]>()
  for (const { of, vars } of layers)
    for (const [name, { value, at }] of vars)
      given.set(name, [{ value, from: at, of }, ...(given.get(name) ?? [])])
  return [...given]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([variable, [won, ...over]]) =>
      won === undefined ? [] : [{ variable, ...won, over }],
    )
}

/** Wider values are cut; `--json` has them whole. */
const widest = 30

/** A row for each variable, and below it, moved right, what it won over. */
export function explainTable(variables: readonly Explained[]): string {
  if (variables.length === 0) return "no variables"
  return table([
    ["VARIABLE", "VALUE", "FROM"],
    ...variables.flatMap((variable) => [
      [variable.variable, shown(variable.value), origin(variable)],
      ...variable.over.map((given) => ["  instead of", shown(given.value), origin(given)]),
    ]),
  ])
}

function origin({ from, of }: Given): string {
  return `${from.file}:${from.line} (${of})`
}

function shown(value: unknown): string {
  return shortened(JSON.stringify(value), widest)
}

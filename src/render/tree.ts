/** A place in a template's text; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** What stands for a value in a template. */
export type Expression =
  | {
      readonly kind: "path"
      /** As it was written, for messages. */
      readonly text: string
      /** What the parts are names in: the current scope `depth` levels up, the whole view, or each's own `@index` and its like. */
      readonly base: "scope" | "root" | "loop"
      readonly depth: number
      readonly parts: readonly string[]
      readonly at: Position
    }
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | {
      readonly kind: "call"
      readonly helper: string
      readonly params: readonly Expression[]
      readonly at: Position
    }

/** One piece of a template. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string; readonly at: Position }
  | { readonly kind: "print"; readonly value: Expression; readonly at: Position }
  | {
      readonly kind: "if"
      readonly condition: Expression
      /** `unless`. */
      readonly negated: boolean
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    }
  | {
      readonly kind: "each" | "with"
      readonly value: Expression
      readonly at: Position
      /** Names given by `as |item index|`. */
      readonly names: readonly string[]
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    }

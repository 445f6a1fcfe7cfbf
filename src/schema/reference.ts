/** A JSON Schema (draft 2020-12) as far as the reference reads it. */
export interface SchemaNode {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, SchemaNode>>
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | number | boolean)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
  readonly items?: SchemaNode
  readonly oneOf?: readonly SchemaNode[]
  readonly anyOf?: readonly SchemaNode[]
  readonly if?: unknown
  readonly then?: SchemaNode
  readonly else?: SchemaNode
}

/** One key of a document, in the words that editors show. */
export interface KeyEntry {
  /** `clusters.NAME.vrrp.interface`: a dot leads into a mapping, NAME is a name of the user's, [] an item of a list, (http) a kind. */
  readonly key: string
  readonly required: boolean
  /** `duration`, `number 1-255`; values that are written so stand in backticks. */
  readonly values: string
  readonly meaning: string
}

/** What the documents are called where users meet them. */
export const documentTitles: Readonly<Record<string, string>> = {
  clusters: "clusters.yml",
  services: "services/*.yml",
  role: "roles/NAME/role.yml",
}

/** Every key of a schema, in its order. */
export function keyEntries(schema: SchemaNode): KeyEntry[] {
  return entriesBelow(schema, schema, "")
}

function entriesBelow(node: SchemaNode, root: SchemaNode, path: string): KeyEntry[] {
  const here = resolved(node, root)
  const { required = [], additionalProperties, items } = here
  const own = Object.entries(here.properties ?? {}).flatMap(([name, child]) => {
    const key = path === "" ? name : `${path}.${name}`
    const target = resolved(child, root)
    const entry = {
      key,
      required: required.includes(name),
      values: valuesOf(target, root),
      meaning: child.description ?? target.description ?? "",
    }
    return [entry, ...entriesBelow(child, root, key)]
  })
  return [
    ...own,
    ...(typeof additionalProperties === "object"
      ? entriesBelow(additionalProperties, root, `${path}.NAME`)
      : []),
    ...(items === undefined ? [] : entriesBelow(items, root, `${path}[]`)),
    ...branchesOf(here).flatMap((branch) => {
      const alternative = resolved(branch, root)
      const kind = alternative.properties?.["type"]?.enum?.[0]
      return entriesBelow(
        alternative,
        root,
        kind === undefined ? path : `${path} (${String(kind)})`,
      )
    }),
  ]
}

function branchesOf({ oneOf = [], anyOf = [], then, else: otherwise }: SchemaNode): SchemaNode[] {
  return [...oneOf, ...anyOf, ...[then, otherwise].flatMap((branch) => branch ?? [])]
}

const typeWords: Readonly<Record<string, string>> = {
  object: "mapping",
  array: "list",
  integer: "number",
  boolean: "`true` `false`",
}

function valuesOf(node: SchemaNode, root: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(" ")
  if (node.title === "Duration") return "duration"
  const types = [node.type ?? (node.oneOf || node.if ? "mapping" : "any")].flat()
  const words = types.map((type) => typeWords[type] ?? type).join(" or ")
  const items = node.items === undefined ? "" : ` of ${valuesOf(resolved(node.items, root), root)}`
  return `${words}${rangeOf(node)}${items}`
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return ""
  return ` ${minimum}${maximum === undefined ? " or more" : `-${maximum}`}`
}

/** A schema behind its `$ref`, the words beside the reference winning. */
function resolved(node: SchemaNode, root: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node
  const { $ref, ...rest } = node
  const target = root.$defs?.[$ref.replace("#/$defs/", "")]
  if (target === undefined) throw new Error(`the schema has no ${$ref}`)
  return { ...resolved(target, root), ...rest }
}

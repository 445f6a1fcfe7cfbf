import { quotedSuggestion } from "../core/suggestion.ts"
import { nearest, plural, shortened } from "../core/text.ts"
import type { JsonSchema, SchemaError } from "./validator.ts"

/** A validator's error in words; `key` is set when a key is at fault rather than its value. */
export interface Described {
  readonly rule: string
  readonly message: string
  readonly hint?: string
  readonly key?: string
}

/** Says what is wrong and what would be right. */
export function describeError(error: SchemaError): Described {
  const { params, data: value, parentSchema: schema } = error
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(String(params["additionalProperty"]), schema)
    case "required":
      return missingKey(String(params["missingProperty"]), schema)
    case "discriminator":
      return wrongTag(String(params["tag"]), params["tagValue"], schema)
    case "enum":
    case "const":
      return wrongWord(value, schema)
    case "type":
      return wrongType(value, schema)
    case "uniqueItems":
      return wrong("schema-value", `${shown(value)} names one entry twice`, schema)
    case "minItems":
    case "minProperties":
      return wrong("schema-value", "at least one entry is needed here", schema)
    case "maxLength":
      return wrong(
        "schema-value",
        `${shown(value)} is longer than ${plural(Number(params["limit"]), "character")}`,
        schema,
      )
    default:
      return error.propertyName === undefined
        ? wrongType(value, schema)
        : { ...wrongName(error.propertyName, schema), key: error.propertyName }
  }
}

function unknownKey(key: string, schema: JsonSchema): Described {
  const known = Object.keys(schema.properties ?? {})
  return {
    rule: "schema-unknown-key",
    message: `unknown key ${shown(key)}`,
    hint: quotedSuggestion(key, known, `known keys here: ${known.join(", ")}`),
    key,
  }
}

function missingKey(key: string, schema: JsonSchema): Described {
  return {
    rule: "schema-missing-key",
    message: `the key ${shown(key)} is missing`,
    ...hint(schema.properties?.[key]?.description),
  }
}

function wrongTag(tag: string, value: unknown, schema: JsonSchema): Described {
  if (value === undefined) return { ...missingKey(tag, schema), ...hint(schema.description) }
  return wrong("schema-value", `${shown(value)} is no known ${tag}`, schema)
}

function wrongWord(value: unknown, schema: JsonSchema): Described {
  const words = (schema.enum ?? []).map(String)
  const close = typeof value === "string" ? nearest(value, words) : undefined
  const list = words.length === 1 ? `only ${words[0]} is possible here` : words.join(", ")
  return {
    rule: "schema-value",
    message: `${shown(value)} is not possible here`,
    hint: close === undefined ? `right would be: ${list}` : `did you mean "${close}"? (${list})`,
  }
}

function wrongType(value: unknown, schema: JsonSchema): Described {
  const types = [schema.type ?? []].flat()
  if (schema.title === "Duration" && /^\d+(\.\d+)?$/.test(String(value)))
    return {
      rule: "schema-duration",
      message: `${shown(value)} lacks a unit`,
      hint: `write ${String(value)}s for seconds, or another of ms, m, h, d`,
    }
  if (value === null) return wrong("schema-type", "the value is missing", schema)
  const fits = types.length === 0 || types.includes(typeName(value))
  return fits
    ? wrong("schema-value", `${shown(value)} is not possible here`, schema)
    : wrong(
        "schema-type",
        `expected ${types.map(article).join(" or ")}, found ${found(value)}`,
        schema,
      )
}

function wrongName(name: string, schema: JsonSchema): Described {
  return wrong("schema-name", `${shown(name)} is no possible name`, schema)
}

function wrong(rule: string, message: string, schema: JsonSchema): Described {
  return { rule, message, ...hint(schema.description) }
}

function hint(text: string | undefined): { readonly hint?: string } {
  return text === undefined ? {} : { hint: text }
}

function typeName(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  return Number.isInteger(value) ? "integer" : typeof value
}

const articles: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  null: "nothing",
  number: "a number",
  object: "a map",
  string: "text",
}

function article(type: string): string {
  return articles[type] ?? type
}

function found(value: unknown): string {
  const name = article(typeName(value))
  if (typeof value === "boolean") return String(value)
  return typeof value === "object" ? name : `${name} ${shown(value)}`
}

/** A value as a message shows it: quoted, without control characters, shortened. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing")
  return shortened(text, 60)
}

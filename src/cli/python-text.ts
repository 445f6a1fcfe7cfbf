import { Secret } from "../core/secret.ts"

/** A value as Python's str() writes it, which is how `ansible-inventory --graph --vars` shows values. */
export function pythonText(value: unknown): string {
  if (typeof value === "string") return value
  if (value instanceof Secret) return value.toString()
  return representation(value)
}

/** As Python's repr() (Library Reference, "Built-in Functions"). */
function representation(value: unknown): string {
  if (typeof value === "string") return quoted(value)
  if (value === true) return "True"
  if (value === false) return "False"
  if (value === null || value === undefined) return "None"
  if (Array.isArray(value)) return `[${value.map(representation).join(", ")}]`
  if (typeof value === "number") return String(value)
  if (value instanceof Secret) return quoted(value.toString())
  if (typeof value !== "object") return quoted(JSON.stringify(value))
  const entries = Object.entries(value).map(
    ([key, item]) => `${quoted(key)}: ${representation(item)}`,
  )
  return `{${entries.join(", ")}}`
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\\": "\\\\",
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(/[\\\p{Cc}]/gu, (sign) => escapes[sign] ?? hexEscape(sign))
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote
}

function hexEscape(sign: string): string {
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`
}

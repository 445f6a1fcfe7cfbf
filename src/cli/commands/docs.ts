import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Failure } from "../../core/failure.ts"
import { groupBy } from "../../core/group.ts"
import { indent } from "../../core/text.ts"
import { wrap } from "../../core/wrap.ts"
import { findKeys, likelyKey, namesBelow } from "../../schema/find-key.ts"
import type { KeyEntry, SchemaNode } from "../../schema/reference.ts"
import { documentTitles, keyEntries } from "../../schema/reference.ts"
import { packageFolder } from "../assets.ts"
import { exitCodes } from "../exit.ts"
import { print, printJson } from "../output.ts"

/** A key and the document that it belongs to. */
interface Entry extends KeyEntry {
  readonly document: string
}

const columns = 80

/** `lbctl docs [KEY]`: what a key means, in the words of the reference; without one, all keys. */
export function docs(key: string | undefined, { json }: { readonly json?: true }): number {
  const entries = readEntries()
  const found = key === undefined ? entries : findKeys(entries, key)
  if (key !== undefined && found.length === 0) throw unknownKey(entries, key)
  if (json === true) printJson(found)
  else if (key === undefined) print(found.map((entry) => entry.key).join("\n"))
  else
    print(
      alike(found)
        .map((some) => description(some, entries))
        .join("\n\n"),
    )
  return exitCodes.done
}

function readEntries(): Entry[] {
  return Object.entries(documentTitles).flatMap(([name, document]) => {
    const path = join(packageFolder(), "schemas", `${name}.schema.json`)
    const schema = JSON.parse(readFileSync(path, "utf8")) as SchemaNode
    return keyEntries(schema).map((entry) => ({ ...entry, document }))
  })
}

function unknownKey(entries: readonly Entry[], key: string): Failure {
  const near = likelyKey(entries, key)
  return new Failure("input", `there is no key ${key}`, {
    hint: near === undefined ? "`lbctl docs` lists all of them" : `did you mean ${near}?`,
  })
}

/** Keys of one meaning together: each kind of check has an interval. */
function alike(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups = groupBy(entries, ({ values, meaning, required }) =>
    JSON.stringify([values, meaning, required]),
  )
  return [...groups.values()]
}

function description(entries: readonly Entry[], all: readonly Entry[]): string {
  const [first] = entries
  if (first === undefined) return ""
  const below = namesBelow(all, first)
  const values = `${first.values.replaceAll("` `", " | ").replaceAll("`", "")}${first.required ? ", required" : ""}`
  const body = [
    ...wrap(values, columns - 2),
    ...wrap(first.meaning, columns - 2),
    ...(below.length === 0 ? [] : wrap(`Below it: ${below.join(", ")}`, columns - 2)),
  ]
  const heads = entries.map(({ key, document }) => `${key}  (${document})`)
  return [...heads, indent(body.join("\n"), 2)].join("\n")
}

import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { findKeys } from "../../src/schema/find-key.ts"
import { documentTitles, keyEntries, type SchemaNode } from "../../src/schema/reference.ts"

describe("docs/keepalived.md", () => {
  it("sends nobody to a key that is not there", () => {
    const text = readFileSync(new URL("../../docs/keepalived.md", import.meta.url), "utf8")
    const table = text.slice(text.indexOf("## From keepalived.conf to here"))
    const named = [...table.matchAll(/`((?:clusters|services|keepalived)\.[\w.]+)`/g)]
    const keys = new Set(named.map(([, key = ""]) => key).filter((key) => !key.endsWith(".yml")))
    const entries = Object.keys(documentTitles).flatMap((name) => {
      const url = new URL(`../../schemas/${name}.schema.json`, import.meta.url)
      return keyEntries(JSON.parse(readFileSync(url, "utf8")) as SchemaNode)
    })
    expect(keys.size).toBeGreaterThan(20)
    expect([...keys].filter((key) => findKeys(entries, key).length === 0)).toEqual([])
  })
})

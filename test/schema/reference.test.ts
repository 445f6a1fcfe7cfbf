import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { findKeys, likelyKey, namesBelow } from "../../src/schema/find-key.ts"
import type { SchemaNode } from "../../src/schema/reference.ts"
import { documentTitles, keyEntries } from "../../src/schema/reference.ts"

const read = (name: string) =>
  JSON.parse(readFileSync(`schemas/${name}.schema.json`, "utf8")) as SchemaNode
const all = Object.keys(documentTitles).flatMap((name) => keyEntries(read(name)))
const keysOf = (asked: string) => findKeys(all, asked).map(({ key }) => key)

describe("keyEntries()", () => {
  it("tells values and whether a key is needed, through references and the items of lists", () => {
    const schema: SchemaNode = {
      required: ["size"],
      properties: {
        size: { $ref: "#/$defs/size", description: "How large it is." },
        sides: { description: "Its sides.", type: "array", items: { enum: ["left", "right"] } },
        parts: {
          description: "Its parts.",
          type: "object",
          additionalProperties: {
            properties: { on: { type: "boolean", description: "Whether it works." } },
          },
        },
      },
      $defs: { size: { type: "integer", minimum: 1, maximum: 9, description: "A size." } },
    }
    expect(keyEntries(schema)).toEqual([
      { key: "size", required: true, values: "number 1-9", meaning: "How large it is." },
      { key: "sides", required: false, values: "list of `left` `right`", meaning: "Its sides." },
      { key: "parts", required: false, values: "mapping", meaning: "Its parts." },
      {
        key: "parts.NAME.on",
        required: false,
        values: "`true` `false`",
        meaning: "Whether it works.",
      },
    ])
  })

  it("has a meaning for every key of every document", () => {
    expect(all.length).toBeGreaterThan(300)
    expect(all.filter(({ meaning }) => meaning === "")).toEqual([])
  })
})

describe("findKeys()", () => {
  it.each([
    ["clusters", ["clusters"]],
    ["scheduler", ["services.NAME.scheduler"]],
    ["services.web.scheduler", ["services.NAME.scheduler"]],
    ["services.NAME.scheduler", ["services.NAME.scheduler"]],
    ["vrrp.advert_int", ["clusters.NAME.vrrp.advert_int"]],
    ["clusters.tokyo.access[0].users", ["clusters.NAME.access[].users"]],
    ["services.web.check.send", ["services.NAME.check (tcp).send"]],
    ["web.scheduler", ["services.NAME.scheduler"]],
    ["schedulr", []],
    ["", []],
    ["tokyo.services.web.scheduler", []],
  ])("finds %j", (asked, keys) => {
    expect(keysOf(asked)).toEqual(keys)
  })

  it("finds all that end so, unless one is named whole", () => {
    expect(keysOf("weight").length).toBeGreaterThan(3)
    expect(keysOf("metrics")).toEqual(["metrics"])
  })

  it("finds every key by its own name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), (entry) => {
        expect(findKeys(all, entry.key)).toContainEqual(entry)
      }),
    )
  })
})

it("a key that is nearly right is guessed", () => {
  expect(likelyKey(all, "services.web.schedulr")).toBe("scheduler")
  expect(likelyKey(all, "zzzzzzzz")).toBeUndefined()
})

it("what is below a key is named without what is further down", () => {
  const [named] = findKeys(all, "clusters.NAME.access")
  expect(named && namesBelow(all, named)).toEqual([
    "users",
    "groups",
    "operations",
    "services",
    "hosts",
  ])
  const [clusters] = findKeys(all, "clusters")
  expect(clusters && namesBelow(all, clusters)).toContain("vrrp")
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Problem } from "../../src/core/problem.ts"
import { parseYaml } from "../../src/load/yaml.ts"
import type { Document } from "../../src/schema/documents.ts"

function document(text: string): Document {
  const result = parseYaml(text, "f.yml")
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

function problems(text: string): readonly Problem[] {
  const result = parseYaml(text, "f.yml")
  return result.ok ? [] : result.error
}

/** `rule line:column` of each problem. */
function places(text: string): string[] {
  return problems(text).map(({ rule, at }) => `${rule} ${at?.line}:${at?.column}`)
}

describe("parseYaml", () => {
  it("gives the value", () => {
    const text = 'a: 1\nb: [x, "2", null, true, 1.5]\nc:\n  d: |\n    text\ne:\n'
    expect(document(text).value).toEqual({
      a: 1,
      b: ["x", "2", null, true, 1.5],
      c: { d: "text\n" },
      e: null,
    })
  })

  it("takes any JSON as it is", () => {
    // Numbers without exponent: YAML 1.1 reads most of those as text.
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        tie("leaf"),
        fc.array(tie("json")),
        fc.dictionary(fc.string(), tie("json")),
      ),
      leaf: fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.integer(), fc.constant(-1.5)),
    }))
    fc.assert(
      fc.property(json, (value) => {
        expect(document(JSON.stringify(value)).value).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it("gives null for an empty text and for comments alone", () => {
    expect(document("").value).toBeNull()
    expect(document("# nothing\n").value).toBeNull()
    expect(document("").locate(["a"])).toEqual({ file: "f.yml", line: 1, column: 1 })
  })

  it("passes over a byte order mark, columns included", () => {
    expect(document("\uFEFFa: 1").locate(["a"])).toMatchObject({ line: 1, column: 4 })
  })

  it("keeps a key named __proto__ an ordinary key", () => {
    const value = document("__proto__: { polluted: true }").value
    expect(Object.keys(value as object)).toEqual(["__proto__"])
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
  })
})

describe("places", () => {
  const text = [
    "services:",
    "  web:",
    "    vip: [ 192.0.2.10, '2001:db8::10' ]",
    '    check: { type: http, path: "/x" }',
    "    empty:",
    "  80: x",
  ].join("\r\n")

  it.each([
    [["services"], "2:3", "1:1"],
    [["services", "web"], "3:5", "2:3"],
    [["services", "web", "vip"], "3:10", "3:5"],
    [["services", "web", "vip", 0], "3:12", "3:12"],
    [["services", "web", "vip", 1], "3:24", "3:24"],
    [["services", "web", "check", "path"], "4:32", "4:26"],
    [["services", "web", "empty"], "5:5", "5:5"],
    [["services", 80], "6:7", "6:3"],
    [["services", "web", "nowhere", "x"], "3:5", "3:5"],
    [[], "1:1", "1:1"],
  ])("of %j: value %s, key %s", (path, value, key) => {
    const { locate, locateKey } = document(text)
    const show = ({ line, column }: { line: number; column: number }): string => `${line}:${column}`
    expect(show(locate(path))).toBe(value)
    expect(show(locateKey(path))).toBe(key)
  })

  it("leads through aliases and merge keys to where a value is written", () => {
    const merged = document("base: &b\n  x: 1\n  z: 2\none: *b\ntwo:\n  <<: *b\n  z: 3\n")
    expect(merged.value).toMatchObject({ one: { x: 1, z: 2 }, two: { x: 1, z: 3 } })
    expect(merged.locate(["one"])).toMatchObject({ line: 4, column: 6 })
    expect(merged.locate(["one", "x"])).toMatchObject({ line: 2, column: 6 })
    expect(merged.locate(["two", "x"])).toMatchObject({ line: 2, column: 6 })
    expect(merged.locate(["two", "z"])).toMatchObject({ line: 7, column: 6 })
    expect(merged.locateKey(["two", "x"])).toMatchObject({ line: 2, column: 3 })
  })

  it("find every value of a mapping of lists, wherever line breaks fall", () => {
    const word = fc.stringMatching(/^[a-z]{3,5}q$/)
    const shape = fc.dictionary(word, fc.array(word, { minLength: 1, maxLength: 4 }), {
      minKeys: 1,
    })
    fc.assert(
      fc.property(shape, fc.boolean(), (value, flow) => {
        const source = Object.entries(value)
          .map(([key, items]) =>
            flow
              ? `${key}: [${items.join(", ")}]`
              : `${key}:\n${items.map((x) => `- ${x}\n`).join("")}`,
          )
          .join("\n")
        const lines = source.split("\n")
        const { locate } = document(source)
        for (const [key, items] of Object.entries(value))
          for (const [index, item] of items.entries()) {
            const { line, column } = locate([key, index])
            expect(lines[line - 1]?.slice(column - 1)).toMatch(new RegExp(`^${item}`))
          }
      }),
    )
  })
})

describe("merge keys", () => {
  it("take several sources, the first of which wins", () => {
    const text = "a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], w: 3}\n"
    expect(document(text).value).toMatchObject({ c: { x: 1, z: 2, w: 3 } })
  })

  it("are not limited in number", () => {
    const lines = Array.from({ length: 6000 }, (_, index) => `s${index}: {<<: *d}`)
    expect(problems(`d: &d {a: 1, b: 2}\n${lines.join("\n")}`)).toEqual([])
  })
})

describe("problems", () => {
  it("names the place of a syntax error", () => {
    expect(places("a: 1\nb: [1, 2\nc: 3\n")).toEqual([expect.stringMatching(/^yaml-syntax [34]:/)])
    expect(problems("a:\n\tb: 1\n")[0]).toMatchObject({
      rule: "yaml-syntax",
      hint: "indent with blanks",
    })
  })

  it("lists all ambiguous scalars, keys among them, but no quoted or tagged ones", () => {
    expect(places('a: yes\non: [010, "no", !!str off]\nb: 12:30\n')).toEqual([
      "yaml-ambiguous 1:4",
      "yaml-ambiguous 2:1",
      "yaml-ambiguous 2:6",
      "yaml-ambiguous 3:4",
    ])
  })

  it("lists all duplicate keys", () => {
    const text = "a: 1\nb: {x: 1, x: 2}\na: 2\n"
    expect(places(text)).toEqual(["yaml-duplicate-key 2:11", "yaml-duplicate-key 3:1"])
  })

  it("takes an own key beside a merged one for no duplicate, but a second merge key for one", () => {
    expect(places("b: &b {x: 1}\nc: {<<: *b, x: 2}\nd: {x: 2, <<: *b}\n")).toEqual([])
    expect(places("b: &b {x: 1}\nc: {<<: *b, <<: *b}\n")).toEqual(["yaml-duplicate-key 2:13"])
  })

  it("refuses tags but its own, naming those", () => {
    const text = "a: !secret x\nb: !Ref x\nc: !!python/object:os.system {}\nd: !vault x\n"
    const found = problems(text)
    expect(found.map(({ rule }) => rule)).toEqual(["yaml-tag", "yaml-tag", "yaml-tag"])
    expect(found[0]?.message).toBe("the tag !secret is not supported")
    expect(found[0]?.hint).toContain("!vault, !vault-encrypted, !env")
  })

  it("refuses aliases of nothing and of what they stand in", () => {
    expect(places("a: *x\nb: &b {c: *b}\n")).toEqual(["yaml-alias 1:4", "yaml-alias 2:11"])
  })

  it("refuses aliases that multiply beyond measure", () => {
    const lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    for (let level = 1; level < 9; level++)
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(",")}]`,
      )
    expect(problems(lines.join("\n")).map(({ rule }) => rule)).toEqual(["yaml-size"])
  })

  it("refuses a second document and a key that is no word", () => {
    expect(places("# x\n---\na: 1\n---\nb: 2\n")).toEqual(["yaml-syntax 5:1"])
    expect(places("[a, b]: 1\n")).toEqual(["yaml-key 1:1"])
  })

  it("never throws, whatever the text", () => {
    const piece = fc.constantFrom(
      ..."ab01 \n\t-:?#&*!|>'\"%@`{}[],<~".split(""),
      "<<: ",
      "- ",
      "\n  ",
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const result = parseYaml(pieces.join(""), "f.yml")
        if (!result.ok)
          expect(result.error.every(({ at }) => at !== undefined && at.line > 0)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { named } from "../../../src/cli/show/subject.ts"
import { ago, report, short } from "../../../src/cli/show/words.ts"

describe("report()", () => {
  it("keeps every word, and 80 columns as long as words let it", () => {
    const cell = fc.stringMatching(/^[a-z]{1,30}$/)
    const rows = fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), { minLength: 2 })
    fc.assert(
      fc.property(rows, (cells) => {
        const text = report(cells)
        for (const word of cells.slice(1).flat()) expect(text).toContain(word)
        expect(text.split("\n").every((line) => line.length <= 80)).toBe(true)
      }),
    )
  })
})

describe("short()", () => {
  it("tells three places at most, with a unit", () => {
    expect([0, 7, 999, 1000, 1250, 34_500_000, 2 ** 53].map(short)).toEqual([
      "0",
      "7",
      "999",
      "1k",
      "1.3k",
      "35M",
      "9P",
    ])
  })
})

describe("ago()", () => {
  it("tells one unit, and nothing where nobody knows", () => {
    const at = (seconds: number) => new Date(1e12 - seconds * 1000).toISOString()
    expect([0, 119, 120, 7200, 200_000].map((seconds) => ago(at(seconds), 1e12))).toEqual([
      "0s",
      "119s",
      "2m",
      "2h",
      "2d",
    ])
    expect([ago("", 1e12), ago(undefined, 1e12)]).toEqual(["-", "-"])
  })
})

describe("named()", () => {
  it("takes the exact name before all that begin so", () => {
    const names = ["web", "web2", "mail"]
    const find = (name?: string) => named(names, (item) => item, name)
    expect(find("web")).toEqual(["web"])
    expect(find("we")).toEqual(["web", "web2"])
    expect(find()).toEqual(names)
    expect(find("dns")).toBeUndefined()
  })
})

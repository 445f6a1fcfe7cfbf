import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { faults } from "../lab/fault-cells.ts"

const root = new URL("../../", import.meta.url)
const text = readFileSync(new URL("docs/faults.md", root), "utf8")

/** The cells of every table row below a heading line that begins with `heading`. */
function table(heading: string): string[][] {
  const lines = text.split("\n")
  const start = lines.findIndex((line) => line.startsWith(heading))
  const rest = lines.slice(start)
  const end = rest.findIndex((line) => !line.startsWith("|"))
  return rest.slice(0, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const [heading = [], , ...rows] = table("| | observe |")
const steps = heading.slice(1)
const tests = table("| | file |").slice(2)
const reasons = table("| | why |").slice(2)
const known = new Map([...tests, ...reasons].map(([key = "", ...more]) => [key, more]))

describe("docs/faults.md", () => {
  it("has a test or a reason in every cell", () => {
    expect(rows).toHaveLength(11)
    for (const [name, ...cells] of rows) {
      expect(cells, name).toHaveLength(steps.length)
      for (const key of cells.flatMap((cell) => cell.split(" ")))
        expect(key === "M" || known.has(key), `${name}: ${key}`).toBe(true)
    }
  })

  it.each(tests)("names with %s a test that is there", (_key, file = "", title = "") => {
    const source = readFileSync(new URL(file, root), "utf8")
    expect(source).toContain(`${title},`)
  })

  it("marks what the lab goes through with M, and nothing else", () => {
    const marked = rows.flatMap(([name, ...cells]) =>
      cells.flatMap((cell, index) =>
        cell.split(" ").includes("M") ? [`${name}: ${steps[index]}`] : [],
      ),
    )
    const tested = faults.flatMap((fault) => fault.steps.map((step) => `${fault.name}: ${step}`))
    expect(marked.sort()).toEqual(tested.sort())
  })

  it("uses all that it explains", () => {
    const used = new Set(rows.flatMap(([, ...cells]) => cells.flatMap((cell) => cell.split(" "))))
    expect([...known.keys()].filter((key) => !used.has(key))).toEqual([])
  })
})

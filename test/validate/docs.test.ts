import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { rules } from "../../src/validate/rules.ts"

const root = join(import.meta.dirname, "../..")
const folders = ["load", "schema", "validate", "compile", "render", "cli"]

function sources(): string {
  return folders
    .map((folder) => join(root, "src", folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts") && !name.endsWith(".gen.ts"))
        .map((name) => readFileSync(join(folder, name), "utf8")),
    )
    .join("\n")
}

/** Ids that code gives to problems: `rule: "x"`, or the first argument of a function that makes one. */
function idsIn(text: string): string[] {
  const patterns = [
    /\brule: (?:\w+ \? )?"([a-z-]+)"/g,
    /\brule: \w+ \? "[a-z-]+" : "([a-z-]+)"/g,
    /(?:#complain|\bnote|\bproblem|\bwrong)\(\s*"([a-z]+(?:-[a-z]+)+)"/g,
  ]
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""))
}

const documented = [
  ...readFileSync(join(root, "docs/rules.md"), "utf8").matchAll(/^\| ([a-z-]+) \|/gm),
].flatMap((match) => (match[1] === "id" || match[1] === "---" ? [] : [match[1] ?? ""]))

describe("docs/rules.md", () => {
  it("explains every rule once", () => {
    expect([...documented].sort()).toEqual([...new Set(documented)].sort())
  })

  it("has every id that the code gives to a problem", () => {
    const used = new Set([...rules.map(({ id }) => id), ...idsIn(sources())])
    expect([...used].filter((id) => !documented.includes(id))).toEqual([])
  })

  it("has no id that the code does not know", () => {
    const text = sources()
    expect(documented.filter((id) => !text.includes(`"${id}"`))).toEqual([])
  })

  it("calls a rule a warning where it is one", () => {
    const text = readFileSync(join(root, "docs/rules.md"), "utf8")
    for (const { id, severity } of rules)
      expect(`${id} ${text.includes(`| ${id} | *Warning.*`)}`).toBe(
        `${id} ${severity === "warning"}`,
      )
  })
})

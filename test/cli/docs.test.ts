import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { isGroup, type CommandSpec } from "../../src/cli/grammar/command.ts"
import { commands } from "../../src/cli/grammar/commands.ts"

/** Command lines of lbctl in a page, as they would be typed: in code blocks, after `- run:` or a dash, and in backticks. */
function linesOf(page: string): string[] {
  const inBlocks = [...page.matchAll(/^\s*(?:-\s+)?(?:run:\s+)?(lbctl [^\n]*)$/gm)]
  const inWords = [...page.matchAll(/`(lbctl [^`\n]*)`/g)]
  return [...inBlocks, ...inWords].map(([, line = ""]) => line.replace(/\s*>.*$/, ""))
}

function commandOf(words: readonly string[]): {
  readonly spec: CommandSpec
  readonly rest: string[]
} {
  const [first, second, ...others] = words
  const node = commands.find((candidate) => candidate.name === first)
  if (node === undefined) throw new Error(`there is no command ${first ?? ""}`)
  if (!isGroup(node)) return { spec: node, rest: words.slice(1) }
  const spec = node.commands.find((candidate) => candidate.name === second)
  if (spec === undefined) throw new Error(`there is no command ${first ?? ""} ${second ?? ""}`)
  return { spec, rest: others }
}

/** What is wrong with a line; nothing where lbctl would take it. */
function faultsOf(line: string): string[] {
  const { spec, rest } = commandOf(line.split(/\s+/).slice(1))
  const faults: string[] = []
  const values: string[] = []
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? ""
    if (!word.startsWith("-")) {
      values.push(word)
      continue
    }
    const option = spec.options.find(({ flags }) => flags.split(/[ ,]+/).includes(word))
    if (option === undefined) faults.push(`${spec.name} has no option ${word}`)
    if (option?.flags.includes("<") !== true) continue
    const value = rest[++index] ?? ""
    if (value === "" || option.choices?.includes(value) === false)
      faults.push(`${word} takes no ${value}`)
  }
  if (values.length > spec.arguments.length) faults.push(`too many arguments: ${values.join(" ")}`)
  return faults
}

describe("docs/ci.md", () => {
  const lines = linesOf(readFileSync("docs/ci.md", "utf8"))

  it("shows commands and options that exist", () => {
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.flatMap((line) => faultsOf(line).map((fault) => `${line}: ${fault}`))).toEqual([])
  })

  it("would be found out", () => {
    expect(faultsOf("lbctl plan --formt github")).toEqual(["plan has no option --formt"])
    expect(faultsOf("lbctl apply p.json --format gitlab")).toEqual(["--format takes no gitlab"])
    expect(faultsOf("lbctl plan a b")).toEqual(["too many arguments: a b"])
    expect(() => faultsOf("lbctl vaildate")).toThrow("no command vaildate")
  })
})

import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { completionModel } from "../../src/cli/completion/model.ts"
import { isGroup, type CommandSpec } from "../../src/cli/grammar/command.ts"
import { commands } from "../../src/cli/grammar/commands.ts"

const page = readFileSync("man/lbctl.1", "utf8")
const all: [string, CommandSpec][] = commands.flatMap((node) =>
  isGroup(node)
    ? node.commands.map((one): [string, CommandSpec] => [`${node.name} ${one.name}`, one])
    : [[node.name, node] as [string, CommandSpec]],
)

/** A text as the page has it. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
}

describe("the manual page", () => {
  it.each(all)(
    "has lbctl %s, with every argument, option and example",
    (path, { about, ...one }) => {
      const [, section = ""] = page.split(`\n.SS ${roff(`lbctl ${path}`)}\n`)
      const part = section.split(/\n\.S[SH] /)[0] ?? ""
      expect(part).toContain(roff(about))
      for (const { flags, about: meaning } of one.options)
        expect(part).toContain(`.B ${roff(flags)}\n${roff(meaning)}`)
      for (const { name, about: meaning } of one.arguments)
        expect(part).toContain(`.I ${roff(name.toUpperCase())}\n${roff(meaning)}`)
      for (const [line, meaning] of one.examples)
        expect(part).toContain(`.B ${roff(line)}\n${roff(meaning)}`)
    },
  )

  it("has every exit code, with the environment and the files", () => {
    const codes = [...readFileSync("docs/exit-codes.md", "utf8").matchAll(/^\| (\d+) \|/gm)]
    expect(codes.length).toBeGreaterThan(8)
    for (const [, code] of codes) expect(page).toContain(`\n.B ${code}\n`)
    for (const name of ["LBCTL_INVENTORY", "LBCTL_AGE_IDENTITY", "known_hosts", "clusters.yml"])
      expect(page).toContain(name)
  })
})

describe("every command", () => {
  it.each(all)("lbctl %s has help for all it takes, and examples of itself", (path, one) => {
    for (const { about } of [one, ...one.options, ...one.arguments]) expect(about).not.toBe("")
    expect(one.examples.length).toBeGreaterThan(0)
    const known = completionModel(commands).find((node) => node.path === path)?.options ?? []
    const names = known.flatMap((option) => option.names)
    for (const [line, meaning] of one.examples) {
      expect(meaning).not.toBe("")
      expect(` ${line} `).toContain(`lbctl ${path} `)
      for (const word of line.split(" ").filter((part) => /^--?[a-z]/.test(part)))
        expect(names).toContain(word.split("=")[0])
    }
  })
})

import { describe, expect, it } from "vitest"
import { splitWords } from "../../src/load/shell-split.ts"

describe("words of a line", () => {
  it.each<[string, readonly string[]]>([
    ["rs1", ["rs1"]],
    ["rs1  a=1\tb=2", ["rs1", "a=1", "b=2"]],
    [`rs1 a='b c' d="e f"`, ["rs1", "a=b c", "d=e f"]],
    [`a="it's" b='say "x"'`, ["a=it's", 'b=say "x"']],
    ["a=b\\ c", ["a=b c"]],
    [String.raw`a="\"\\\n"`, ['a="\\\\n']],
    [String.raw`a='\n'`, ["a=\\n"]],
    ["a='' ''", ["a=", ""]],
    ["rs1 # a=1", ["rs1"]],
    ["rs1#a=1", ["rs1"]],
    ["a='#'", ["a=#"]],
    ["", []],
  ])("%s", (line, words) => {
    const split = splitWords(line)
    expect(split.ok && split.value.map(({ text }) => text)).toEqual(words)
  })

  it("know where they begin", () => {
    const split = splitWords("  rs1 a='b c' d=e")
    expect(split.ok && split.value.map(({ at }) => at)).toEqual([2, 6, 14])
  })

  it.each([
    ["a='b", "a ' is not closed"],
    ['a="b', 'a " is not closed'],
    ["a\\", "a backslash ends the line"],
  ])("%s: %s", (line, error) => expect(splitWords(line)).toEqual({ ok: false, error }))
})

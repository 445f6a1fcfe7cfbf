import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { shellWords } from "../../src/compile/shell-words.ts"
import { parseSshOptions } from "../../src/compile/ssh-options.ts"

describe("shellWords", () => {
  it.each([
    ["", []],
    ["  a  b ", ["a", "b"]],
    [`a'b c'd "e f" g\\ h`, ["ab cd", "e f", "g h"]],
    [`"a\\"b\\\\c\\d" '\\'`, [`a"b\\c\\d`, "\\"]],
    [`'' ""`, ["", ""]],
  ])("splits %j", (text, words) => {
    expect(shellWords(text)).toEqual(words)
  })

  it.each([`'a`, `"a`, `a\\`, `"a\\"`])("refuses %j, which stays open", (text) => {
    expect(shellWords(text)).toBeUndefined()
  })

  it("gives back whatever was put in single quotes", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const text = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")
        expect(shellWords(text)).toEqual(words)
      }),
    )
  })
})

describe("parseSshOptions", () => {
  const options = (text: string): [string, string][] | undefined =>
    parseSshOptions(text)?.options.map(({ keyword, value }) => [keyword, value])

  it.each([
    ["-o ProxyJump=b1,b2", [["proxyjump", "b1,b2"]]],
    ["-oProxyJump=b", [["proxyjump", "b"]]],
    [`-o "ProxyJump b"`, [["proxyjump", "b"]]],
    [`-o 'UserKnownHostsFile = "a b"'`, [["userknownhostsfile", "a b"]]],
    [
      "-J b -i k -p 22 -l u",
      [
        ["proxyjump", "b"],
        ["identityfile", "k"],
        ["port", "22"],
        ["user", "u"],
      ],
    ],
    [
      "-Jb -ik",
      [
        ["proxyjump", "b"],
        ["identityfile", "k"],
      ],
    ],
    [
      "-qC -F f",
      [
        ["-q", ""],
        ["-C", ""],
        ["-F", "f"],
      ],
    ],
    [
      "-qp 22",
      [
        ["-q", ""],
        ["port", "22"],
      ],
    ],
  ])("reads %s", (text, expected) => {
    expect(options(text)).toEqual(expected)
  })

  it("keeps words that are no options apart", () => {
    expect(parseSshOptions("-q host true")?.words).toEqual(["host", "true"])
  })

  it.each(["-J", "-o", "-o 'x"])("refuses %s", (text) => {
    expect(parseSshOptions(text)).toBeUndefined()
  })
})

import { spawnSync } from "node:child_process"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isPlainWord, quote, unquote } from "../../src/wire/shell.ts"

const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"))

describe("quote", () => {
  it("leaves plain words readable and quotes the rest", () => {
    expect(quote(["lbagent", "check", "%s", "it's", "", "a b"])).toBe(
      "lbagent check %s 'it'\\''s' '' 'a b'",
    )
  })

  it("is undone by unquote", () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1 })), (commands) => {
        expect(unquote(commands.map((words) => `${quote(words)}\n`).join(""))).toEqual(commands)
      }),
    )
  })

  it("is undone by a shell", () => {
    const words = ["a b", "it's", "$(id)", "`id`", "\\", "\n", "*", "", "~", "#", "é", "-n", '"']
    const script = `for word in ${quote(words)}; do printf '%s\\0' "$word"; done`
    expect(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout).toBe(
      words.map((text) => `${text}\0`).join(""),
    )
  })
})

describe("unquote", () => {
  it.each(["a 'b\n", "a $b\n", 'a "b"\n', "a; b\n", "a"])("does not take %j", (text) => {
    expect(unquote(text)).toBeUndefined()
  })
})

describe("isPlainWord", () => {
  it("takes what paths, keys and names are made of, and nothing a shell would read otherwise", () => {
    expect(isPlainWord("/etc/systemd/system/lab-http@80.service")).toBe(true)
    for (const text of ["", "a b", "a'b", "$a", "a\nb", "a*", "a;b"])
      expect(isPlainWord(text)).toBe(false)
  })
})

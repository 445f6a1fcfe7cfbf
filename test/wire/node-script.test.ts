import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { compareText } from "../../src/core/text.ts"
import { joinNodeScript } from "../../src/wire/node-script.ts"

describe("joinNodeScript", () => {
  it("puts each chapter in place of the line that includes it", () => {
    const chapters = new Map([
      ["a.sh", "first() { :; }\n"],
      ["b.sh", "second='$& $1'\n"],
    ])
    expect(joinNodeScript("set -u\n# include b.sh\n# include a.sh\nfirst\n", chapters)).toBe(
      "set -u\nsecond='$& $1'\n\nfirst() { :; }\n\nfirst\n",
    )
  })

  it("refuses a script of which a chapter is missing", () => {
    expect(() => joinNodeScript("# include a.sh\n", new Map())).toThrow(
      "no chapter a.sh of its node scripts",
    )
  })

  it("finds every chapter there is in lbctl-node.sh, once", () => {
    const frame = readFileSync("src/node/lbctl-node.sh", "utf8")
    const included = [...frame.matchAll(/^# include (\S+)$/gm)].map(([, name = ""]) => name)
    expect(included.sort(compareText)).toEqual(readdirSync("src/node/lbctl-node").sort(compareText))
  })
})

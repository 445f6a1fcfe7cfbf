import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { exitCodes } from "../../src/cli/exit.ts"

describe("exit codes", () => {
  it("are those of docs/exit-codes.md, each once", () => {
    const rows = readFileSync("docs/exit-codes.md", "utf8").matchAll(/^\| (\d+) \|/gm)
    expect([...rows].map(([, code]) => Number(code))).toEqual(
      Object.values(exitCodes).toSorted((a, b) => a - b),
    )
  })
})

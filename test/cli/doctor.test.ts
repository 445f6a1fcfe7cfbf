import { describe, expect, it } from "vitest"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

describe("lbctl doctor", () => {
  it.each([
    [["--fix", "--json"], "--fix and --json do not go together"],
    [["--yes"], "--yes answers the question of --fix, which is not given"],
  ])("refuses %s before it looks at a host (3)", async (flags, words) => {
    const { code, stdout, stderr } = await lbctl(["doctor", ...flags], { cwd: repository({}) })
    expect([code, stdout]).toEqual([3, ""])
    expect(stderr).toContain(words)
  })
})

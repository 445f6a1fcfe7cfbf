import { spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import * as commands from "../../src/wire/commands.ts"

describe("commands", () => {
  it.each([
    commands.observeCommand,
    commands.stageCommand("t1"),
    commands.activateCommand("t1", 29.2),
    commands.confirmCommand("t1"),
    commands.revertCommand("t1"),
    commands.settleCommand,
    commands.abortCommand("t1"),
  ])("are shell, and begin with sh: %s", (command) => {
    expect(command).toMatch(/^sh /)
    expect(spawnSync("sh", ["-n", "-c", command]).status).toBe(0)
  })

  it("round the time to confirm up to whole seconds", () => {
    expect(commands.activateCommand("t1", 29.2)).toContain("activate t1 30")
  })

  it("take plain names of transactions only", () => {
    expect(commands.isTransactionId("20260102-abc")).toBe(true)
    for (const text of ["", "a b", "../x", "A", "x".repeat(65)])
      expect(commands.isTransactionId(text)).toBe(false)
  })
})

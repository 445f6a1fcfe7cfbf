import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { failedFile, keepFailed } from "../../src/cli/failed-file.ts"
import type { Outcome } from "../../src/model/event.ts"
import type { Report } from "../../src/model/report.ts"
import { folder } from "./repository.ts"

function report(exitCode: number, hosts: Readonly<Record<string, Outcome>>): Report {
  return {
    format: 1,
    run: "run1",
    started: "2026-01-01T00:00:00.000Z",
    ms: 1,
    exitCode,
    hosts: Object.entries(hosts).map(([host, outcome]) => ({ host, outcome, steps: [] })),
    notices: [],
  }
}

describe("the file of hosts that failed", () => {
  it("lies beside clusters.yml", () => {
    expect(failedFile("inventories/prod")).toBe("inventories/prod/.lbctl/failed")
  })

  it("holds who failed and who was not begun, below time and command, and nothing else is left", () => {
    const inventory = folder()
    const ended = { rs1: "changed", rs2: "reverted", lb1: "skipped", rs3: "unchanged" } as const
    keepFailed(inventory, report(8, ended), "lbctl apply\nprod")
    const path = failedFile(inventory)
    expect(readFileSync(path, "utf8")).toBe(
      "# 2026-01-01T00:00:00.000Z lbctl apply prod\nrs2\nlb1\n",
    )
    expect(readdirSync(join(inventory, ".lbctl"))).toEqual(["failed"])
  })

  it("holds who changed and has a step left", () => {
    const inventory = folder()
    const half = { host: "rs1", outcome: "changed", detail: "not yet: lose", steps: [] } as const
    keepFailed(inventory, { ...report(8, { rs2: "changed" }), hosts: [half] }, "lbctl apply")
    expect(readFileSync(failedFile(inventory), "utf8")).toMatch(/\nrs1\n$/)
  })

  it("is gone after a run in which all went well", () => {
    const inventory = folder()
    keepFailed(inventory, report(0, { rs1: "changed" }), "lbctl apply")
    keepFailed(inventory, report(1, { rs1: "failed" }), "lbctl apply")
    keepFailed(inventory, report(0, { rs1: "changed" }), "lbctl apply")
    expect(existsSync(failedFile(inventory))).toBe(false)
  })

  it("fails no run where it cannot be written, and says so", () => {
    const inventory = folder()
    writeFileSync(join(inventory, ".lbctl"), "")
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    keepFailed(inventory, report(1, { rs1: "failed" }), "lbctl apply")
    expect(said.mock.calls.join("")).toMatch(/could not be kept for --limit @failed/)
    said.mockRestore()
  })
})

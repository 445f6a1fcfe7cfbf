import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { TraceEvent } from "../../src/model/trace.ts"
import { whilePaused } from "../../src/cli/sink.ts"
import { openTracing } from "../../src/cli/tracing.ts"
import { beVerbose } from "../../src/cli/verbose.ts"

const ended: TraceEvent = { type: "ended", step: "observe", ms: 89, sent: 0, received: 0 }

describe("what -v tells", () => {
  let said = ""

  beforeEach(() => {
    said = ""
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      said += String(text)
      return true
    })
  })
  afterEach(() => {
    beVerbose(0)
    vi.restoreAllMocks()
  })

  it("is not even made without it", () => {
    expect(openTracing("root")).toBeUndefined()
  })

  it("is a line at once", () => {
    beVerbose(1)
    openTracing("root")?.trace("rs1", ended)
    expect(said).toBe("rs1: observe took 89ms\n")
  })

  it("is more when asked twice, and no more than that when asked three times", () => {
    for (const times of [2, 3]) {
      said = ""
      beVerbose(times)
      openTracing("root")?.trace("rs1", { type: "ran", step: "observe", command: "sh -s" })
      expect(said).toBe("rs1: > sh -s\n")
    }
  })

  it("waits while the operator is asked, and comes then in its order", async () => {
    beVerbose(1)
    const tracing = openTracing("root")
    await whilePaused(async () => {
      tracing?.trace("rs1", ended)
      tracing?.trace("rs2", ended)
      expect(said).toBe("")
    })
    tracing?.trace("rs3", ended)
    expect(said.match(/^rs\d/gm)).toEqual(["rs1", "rs2", "rs3"])
  })
})

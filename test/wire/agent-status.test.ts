import { describe, expect, it } from "vitest"
import { parseAgentStatus } from "../../src/wire/agent-status.ts"

/** What the first release of the agent tells. */
const first = {
  version: "0.1.0",
  running: true,
  table: [],
  counters: [],
  owned: [],
  health: [],
  overrides: [],
  draining: [],
  vrrp: [],
  warnings: [],
}

describe("parseAgentStatus()", () => {
  it("takes what an older agent tells, and what a newer one tells besides", () => {
    expect(parseAgentStatus(JSON.stringify(first))).toEqual(first)
    const newer = { ...first, services: [], changes: [], weather: "fine" }
    expect(parseAgentStatus(JSON.stringify(newer))).toEqual(newer)
  })

  it("takes nothing else", () => {
    const { vrrp: _vrrp, ...short } = first
    for (const other of [short, { ...first, services: {} }, { ...first, running: 1 }, [], null])
      expect(parseAgentStatus(JSON.stringify(other))).toBeUndefined()
    expect(parseAgentStatus("{")).toBeUndefined()
  })
})

import { describe, expect, it } from "vitest"
import { overrideRows, overridesTable } from "../../../src/cli/show/overrides.ts"
import type { Seen } from "../../../src/cli/tables.ts"
import type { AgentStatus } from "../../../src/model/agent-status.ts"
import type { Override } from "../../../src/model/override.ts"
import { statusOfTable } from "../../../src/plan/ipvs-changes.ts"
import { observed, view } from "../../plan/fixtures.ts"

const drain: Override = {
  action: "drain",
  host: "rs1",
  by: "ann@desk",
  since: "2026-01-31T12:00:00.000Z",
  expires: "2026-01-31T14:30:00.000Z",
  reason: "disk",
}
const lifted: Override = { ...drain, since: "2026-01-31T13:00:00.000Z", lifted: true }

function seen(host: string, status: Partial<AgentStatus>): Seen {
  const agent = { ...statusOfTable([]), ...status }
  return { view: view({ host }), observed: observed({ host, agent }) }
}

describe("show overrides", () => {
  it("tells each once, with the directors that have it", () => {
    const everywhere = { action: "weight", weight: 5, service: "web" } as const
    const weight: Override = { ...everywhere, by: "bob", since: drain.since }
    const rows = overrideRows([
      seen("lb1", { overrides: [drain, weight] }),
      seen("lb2", { overrides: [weight] }),
    ])
    expect(overridesTable(rows).split("\n")).toEqual([
      "TARGET  IS               BY        SINCE              UNTIL              ON       REASON",
      "rs1     drained          ann@desk  2026-01-31T12:00Z  2026-01-31T14:30Z  lb1      disk",
      ":web    set to weight 5  bob       2026-01-31T12:00Z  -                  lb1,lb2  -",
    ])
  })

  it("leaves out what another director knows to be lifted", () => {
    const rows = overrideRows([
      seen("lb1", { overrides: [drain] }),
      seen("lb2", { pastOverrides: [lifted] }),
    ])
    expect(overridesTable(rows)).toBe("No overrides.")
  })
})

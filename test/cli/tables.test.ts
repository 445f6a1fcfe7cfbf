import { describe, expect, it } from "vitest"
import type { Seen } from "../../src/cli/tables.ts"
import { backendRows, backendsTable, silentDirectors } from "../../src/cli/tables.ts"
import type { AgentStatus } from "../../src/model/agent-status.ts"
import { observed, view, vrrp } from "../plan/fixtures.ts"
import { check, destination, director, held, noon, server, service, web } from "../plan/samples.ts"

const state = {
  ...director(service({ check, servers: [server(1), server(2), server(3, { weight: 5 })] })),
  vrrp: [vrrp({ cluster: "tokyo", instance: "tokyo" })],
}

const status: AgentStatus = {
  version: "0.1.0",
  running: true,
  table: [held([destination(1), destination(2, 0), destination(99)])],
  counters: [
    { service: web, server: "10.0.0.1:80", active: 7, inactive: 2, connections: 900 },
    { service: web, server: "10.0.0.2:80", active: 1, inactive: 0, connections: 100 },
  ],
  owned: [web],
  health: [
    { service: web, server: "10.0.0.1:80", state: "up", message: "HTTP 200", since: noon },
    { service: web, server: "10.0.0.3:80", state: "down", message: "no answer", since: noon },
  ],
  overrides: [{ action: "drain", host: "rs2", by: "eva@desk", since: noon }],
  draining: [],
  vrrp: [{ instance: "tokyo", state: "MASTER", demoted: false }],
  warnings: [],
}

function seen(host: string, agent: Partial<AgentStatus> = {}): Seen {
  return {
    view: view({ host, director: state }),
    observed: observed({ host, release: "0123456789abcdef", agent: { ...status, ...agent } }),
  }
}

const lost: Seen = { view: view({ host: "lb3", director: state }), error: "does not answer" }
const bare: Seen = { view: view({ host: "lb4", director: state }), observed: observed() }

describe("show backends", () => {
  it("tells health, drains, and weights that differ from the definition", () => {
    expect(backendsTable(backendRows([seen("lb1")]))).toBe(
      [
        "HOST  NAME  SERVER           DIRECTOR  STATE    WEIGHT   ACT/INACT  LAST CHECK",
        "rs1   web   tcp 10.0.0.1:80  lb1       up       1        7/2        HTTP 200",
        "rs2   web   tcp 10.0.0.2:80  lb1       drained  0 (1)    1/0",
        "rs3   web   tcp 10.0.0.3:80  lb1       down     out (5)  0/0        no answer",
      ].join("\n"),
    )
  })

  it("counts a drain for the service it names alone", () => {
    const overrides = [{ ...status.overrides[0], action: "drain", service: "shop" }] as never
    const rows = backendRows([seen("lb1", { overrides })])
    expect(rows.map((row) => row.state)).toEqual(["up", "unknown", "down"])
  })
})

describe("directors that can't say", () => {
  it("are named with the reason", () => {
    expect(silentDirectors([seen("lb1"), lost, bare])).toEqual([
      "lb3: does not answer",
      "lb4: no agent is installed: lbctl apply or lbctl agent install brings it",
    ])
  })
})

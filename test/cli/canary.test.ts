import { describe, expect, it } from "vitest"
import { healthDoubts } from "../../src/cli/canary.ts"
import type { AgentStatus, HealthState } from "../../src/model/agent-status.ts"
import type { Observed } from "../../src/model/observed.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import { directorState, observed } from "../plan/fixtures.ts"

const service = "tcp 10.77.0.100:80"
const servers = [
  { host: "rs1", address: "10.77.0.21" },
  { host: "rs2", address: "10.77.0.22" },
]

function agent(down: readonly string[], parts: Partial<AgentStatus> = {}): AgentStatus {
  return {
    ...statusOfTable([]),
    running: true,
    desired: directorState(servers),
    health: servers.map(({ host, address }) => ({
      service,
      server: `${address}:80`,
      state: (down.includes(host) ? "down" : "up") satisfies HealthState,
      message: down.includes(host) ? "connection refused" : "HTTP 200",
      since: "2026-01-01T00:00:00Z",
    })),
    ...parts,
  }
}

const fleet = (agents: Readonly<Record<string, AgentStatus>>) =>
  new Map(
    Object.entries(agents).map(([host, status]): [string, Observed] => [
      host,
      observed({ host, agent: status }),
    ]),
  )

const doubts = (canary: string, agents: Readonly<Record<string, AgentStatus>>) =>
  healthDoubts(canary, ["lb1", "lb2"], fleet(agents))

describe("what speaks against a canary", () => {
  it("is nothing while directors find it up, whatever ails others", () => {
    expect(doubts("rs1", { lb1: agent([]), lb2: agent(["rs2"]) })).toEqual([])
  })

  it("is any director that finds the real server down", () => {
    expect(doubts("rs1", { lb1: agent([]), lb2: agent(["rs1"]) })).toEqual([
      `lb2 finds rs1 down (${service} 10.77.0.21:80): connection refused`,
    ])
  })

  it("is a real server that the canary director alone finds down", () => {
    expect(doubts("lb2", { lb1: agent([]), lb2: agent(["rs1"]) })).toHaveLength(1)
    expect(doubts("lb2", { lb1: agent(["rs1"]), lb2: agent(["rs1"]) })).toEqual([])
  })

  it("is an agent that does not answer", () => {
    expect(doubts("rs1", { lb1: agent([]), lb2: agent([], { running: false }) })).toEqual([
      "lb2: its agent does not answer",
    ])
  })
})

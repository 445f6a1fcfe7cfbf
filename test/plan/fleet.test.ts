import { describe, expect, it } from "vitest"
import type { AgentStatus } from "../../src/model/agent-status.ts"
import type { Observed } from "../../src/model/observed.ts"
import { departedHosts, planFleet } from "../../src/plan/fleet.ts"
import type { HostInput } from "../../src/plan/host.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import { planText, summary } from "../../src/plan/text.ts"
import { bundle, directorState, observed, view } from "./fixtures.ts"

const now = "2026-01-01T00:00:00.000Z"
const rs = [
  { host: "rs1", address: "10.77.0.21" },
  { host: "rs2", address: "10.77.0.22" },
  { host: "rs3", address: "10.77.0.23" },
]
const vip = { address: "10.77.0.100", prefix: 32, device: "lo" }
const anchor = { address: "169.254.255.51", prefix: 32, device: "eth0" }
const lan = { address: "10.77.0.11", prefix: 24, device: "eth0" }

function director(
  host: string,
  servers: typeof rs,
  parts: Partial<Observed> = {},
  status: Partial<AgentStatus> = {},
): HostInput {
  return {
    view: view({ host, director: directorState(servers) }),
    bundle: bundle({ host, agent: "abc" }),
    observed: observed({
      host,
      addresses: [lan],
      runtime: "/usr/bin/node",
      agent: { ...statusOfTable([]), ...status },
      ...parts,
    }),
    cluster: "demo",
    directors: ["lb1", "lb2"],
    now,
  }
}

function realServer(host: string, parts: Partial<HostInput> = {}): HostInput {
  return {
    view: view({ host }),
    bundle: bundle({ host, addresses: [vip] }),
    observed: observed({ host }),
    directors: ["lb1", "lb2"],
    now,
    ...parts,
  }
}

describe("planFleet()", () => {
  it("orders real servers that gain, backups, masters, real servers that lose", () => {
    const before = directorState(rs)
    const owned = { files: [], sysctls: [], addresses: [vip], units: [], linksUp: [] }
    const plan = planFleet(
      [
        director("lb1", rs.slice(0, 2), { addresses: [lan, anchor] }, { desired: before }),
        director("lb2", rs.slice(0, 2), {}, { desired: before }),
        realServer("rs1"),
        realServer("rs3", {
          bundle: bundle({ host: "rs3" }),
          observed: observed({ host: "rs3", addresses: [vip], owned }),
        }),
      ],
      [],
    )
    expect(plan.hosts.map((host) => [host.phase, host.host])).toEqual([
      ["gain", "rs1"],
      ["backup", "lb2"],
      ["master", "lb1"],
      ["lose", "rs3"],
    ])
    expect(plan.hosts.at(-1)?.awaitDrained).toEqual([
      { service: "tcp 10.77.0.100:80", server: "10.77.0.23:80" },
    ])
  })

  it("keeps one blocked host from holding up the others, and shows it", () => {
    const plan = planFleet([director("lb1", rs, { links: [] }), realServer("rs1")], [])
    expect(plan.blocked.map((notice) => notice.host)).toEqual(["lb1"])
    expect(plan.hosts.map((host) => host.host)).toEqual(["rs1"])
  })

  it("guards a service that loses over half of its real servers, and a VIP in no network", () => {
    const plan = planFleet(
      [
        director(
          "lb1",
          rs.slice(0, 1),
          { addresses: [{ address: "192.0.2.1", prefix: 24, device: "eth0" }] },
          { desired: directorState(rs) },
        ),
      ],
      [],
    )
    expect(plan.guards.map((guard) => guard.guard)).toEqual([
      "vip-unconnected",
      "service-loses-servers",
    ])
  })

  it("shows overrides, unconfirmed releases and how the last activation ended", () => {
    const transaction = {
      id: "t",
      release: "0123456789abcdef",
      by: "alice",
      since: now,
      state: "abandoned" as const,
    }
    const override = {
      action: "drain" as const,
      host: "rs1",
      by: "bob",
      since: now,
      reason: "disk",
    }
    const plan = planFleet(
      [director("lb1", rs, { transaction, lastResult: "reverted" }, { overrides: [override] })],
      [],
    )
    expect(plan.warnings.map((warning) => warning.message)).toEqual([
      `release 0123456789ab by alice since ${now} was never confirmed`,
      "the last activation: reverted",
      `rs1 is drained by bob since ${now} (disk)`,
    ])
  })
})

describe("planFleet() with an agent that cannot be asked", () => {
  it("says so instead of taking its silence for an empty table", () => {
    const silent = director("lb1", rs, { facts: { agent_error: "no Node" } })
    expect(planFleet([silent], []).warnings.map((warning) => warning.message)).toEqual([
      "lbagent could not be asked: no Node",
    ])
  })
})

describe("departedHosts()", () => {
  it("finds who directors still know and the definition does not", () => {
    const { observed: seen } = director("lb1", rs, {}, { desired: directorState(rs) })
    expect(departedHosts(new Set(["lb1", "lb2", "rs1", "rs2"]), [seen])).toEqual(["rs3"])
  })
})

describe("summary()", () => {
  it("says so when there is nothing to do", () => {
    const idle = planFleet([realServer("rs1", { observed: observed({ addresses: [vip] }) })], [])
    expect(summary(idle)).toBe("No changes. 1 host holds what the definition says.")
  })

  it("does not call it no changes when a host did not answer", () => {
    expect(summary(planFleet([], [{ host: "rs9", message: "no route" }]))).toBe(
      "Plan: 0 hosts to change, 1 unreachable.",
    )
  })
})

describe("planText()", () => {
  it("shows hosts with the same changes once, within 80 columns", () => {
    const text = planText(planFleet([realServer("rs1"), realServer("rs2")], []), { diff: false })
    expect(text).toContain("rs1, rs2  (real servers get ready)\n  + address 10.77.0.100/32: on lo")
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
  })
})

import { describe, expect, it } from "vitest"
import type { AgentStatus } from "../../src/model/agent-status.ts"
import type { Observed } from "../../src/model/observed.ts"
import { departedHosts, planFleet } from "../../src/plan/fleet.ts"
import type { HostInput } from "../../src/plan/host.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import type { DesiredVrrp, DirectorState } from "../../src/model/desired.ts"
import { bundle, directorState, observed, view, vrrp } from "./fixtures.ts"

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

  it("names for each step the hosts that must not have failed before it", () => {
    const before = directorState(rs.slice(0, 1))
    const owned = { files: [], sysctls: [], addresses: [vip], units: [], linksUp: [] }
    const plan = planFleet(
      [
        director("lb1", rs.slice(0, 2), { addresses: [lan, anchor] }, { desired: before }),
        director("lb2", rs.slice(0, 2), {}, { desired: before }),
        realServer("rs2"),
        realServer("rs3", {
          bundle: bundle({ host: "rs3" }),
          observed: observed({ host: "rs3", addresses: [vip], owned }),
        }),
      ],
      [],
    )
    expect(plan.hosts.map((host) => [host.host, [...host.dependsOn].sort()])).toEqual([
      ["rs2", []],
      ["lb2", ["rs2"]],
      ["lb1", ["lb2", "rs2"]],
      ["rs3", ["lb1", "lb2"]],
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

  it("guards a service that overrides leave without a weight, unless it was so before", () => {
    const drained = (host: string) => ({ action: "drain" as const, host, by: "bob", since: now })
    const guards = (before: typeof rs, overrides: readonly string[]) =>
      planFleet(
        [
          director(
            "lb1",
            rs.slice(0, 1),
            {},
            { desired: directorState(before), overrides: overrides.map(drained) },
          ),
        ],
        [],
      ).guards
    expect(guards(rs.slice(0, 2), ["rs1"])).toMatchObject([
      { guard: "weights-zero", host: "lb1", message: expect.stringContaining("rs1 drained") },
    ])
    expect(guards(rs.slice(0, 2), ["rs2"])).toEqual([])
    expect(guards(rs.slice(0, 2), ["rs1", "rs2"])).toEqual([])
  })

  describe("when keepalived hands its services to the agent", () => {
    const state = directorState(rs)
    const first = state.services.slice(0, 1)
    const held = (services: DirectorState["services"]) =>
      services.map((service) => ({ ...service, ipvs: "keepalived" as const }))
    const other = held(first).map((service) => ({
      ...service,
      key: { kind: "address", protocol: "tcp", address: "10.77.0.109", port: 80 } as const,
    }))
    const guards = (wanted: Partial<DirectorState>) => {
      const desired = { ...state, services: [...held(state.services), ...other] }
      const input = director("lb1", rs, {}, { desired })
      return planFleet(
        [{ ...input, view: { ...input.view, director: { ...state, ...wanted } } }],
        [],
      ).guards.filter(({ guard }) => guard === "table-taken-down")
    }

    it("guards nothing where keepalived stays and has no other: none is lost", () => {
      expect(guards({})).toEqual([])
    })

    it("guards the table where keepalived has others, whose checker can't be ended", () => {
      expect(guards({ services: [...state.services, ...other] })).toMatchObject([
        {
          host: "lb1",
          message: expect.stringMatching(/^keepalived gives up \d virtual service/),
          hint: expect.stringContaining("all clusters of this director at once"),
        },
      ])
    })

    it("guards the table where keepalived is stopped, since the agent is to speak VRRP too", () => {
      const driver = "native" as const
      expect(guards({ vrrp: state.vrrp.map((item) => ({ ...item, driver })) })).toMatchObject([
        { host: "lb1", hint: expect.stringContaining("driver: native in an apply after it") },
      ])
    })
  })

  it("guards a VIP and a VRID that another cluster's director still has", () => {
    const mine = director("lb1", rs)
    const others = (parts: Partial<DesiredVrrp>, address = "10.77.0.31") => {
      const state = directorState(rs)
      const instance = vrrp({
        cluster: "osaka",
        instance: "osaka",
        directors: ["ob1"],
        source: address,
        virtualRouterId: 52,
        vips: [],
        ...parts,
      })
      const ob1 = director("ob1", rs, {}, { desired: { ...state, vrrp: [instance] } })
      return { ...ob1, view: view({ host: "ob1" }) }
    }
    const guards = (other: HostInput) => planFleet([mine, other], []).guards
    expect(guards(others({ vips: ["10.77.0.100"] }))).toMatchObject([
      { guard: "vip-in-use", host: "lb1" },
    ])
    expect(guards(others({ virtualRouterId: 51 }))).toMatchObject([
      { guard: "vrid-in-use", host: "lb1" },
    ])
    // Another segment, and a cluster that only gets another name.
    expect(guards(others({ virtualRouterId: 51 }, "198.51.100.1"))).toEqual([])
    const renamed = others({ virtualRouterId: 51, vips: ["10.77.0.100"] })
    expect(guards({ ...renamed, observed: { ...renamed.observed, host: "lb2" } })).toEqual([])
    // What the director has already is no news.
    const held = director("lb1", rs, {}, { desired: directorState(rs) })
    const both = others({ virtualRouterId: 51, vips: ["10.77.0.100"] })
    expect(planFleet([held, both], []).guards).toEqual([])
  })

  it("guards a cluster in service of which no director is known as master", () => {
    const live = { desired: directorState(rs.slice(0, 2)) }
    const guards = (address: typeof lan) =>
      planFleet(
        [director("lb1", rs, { addresses: [lan, address] }, live), director("lb2", rs, {}, live)],
        [],
      ).guards
    expect(guards(lan)).toMatchObject([{ guard: "all-directors" }])
    expect(guards(anchor)).toEqual([])
    expect(planFleet([director("lb1", rs), director("lb2", rs)], []).guards).toEqual([])
  })

  it("takes who holds the anchor of before for the master", () => {
    const old = { address: "169.254.255.50", prefix: 32, device: "eth0" }
    const state = directorState(rs)
    const desired = { ...state, vrrp: [vrrp({ anchor: old.address, virtualRouterId: 50 })] }
    const plan = planFleet(
      [
        director("lb1", rs, { addresses: [lan, old] }, { desired }),
        director("lb2", rs, {}, { desired }),
      ],
      [],
    )
    expect(plan.hosts.map(({ host, phase }) => [host, phase])).toEqual([
      ["lb2", "backup"],
      ["lb1", "master"],
    ])
    expect(plan.guards).toEqual([])
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

describe("planFleet() of directors that were told different things", () => {
  const drain = { action: "drain" as const, host: "rs1", by: "bob", since: now }
  const lifted = { ...drain, since: `${now.slice(0, 10)}T23:59:59.000Z`, lifted: true as const }
  const told = (first: object, second: object): string[] =>
    planFleet(
      [director("lb1", rs, {}, first), director("lb2", rs, {}, second)],
      [],
    ).warnings.flatMap(({ host, message }) =>
      message.includes("not told") ? [`${host} ${message}`] : [],
    )

  it("names who was away when one was set", () => {
    expect(told({ overrides: [drain] }, {})).toEqual([
      `lb2 was not told that rs1 is drained, by bob since ${now}`,
    ])
    expect(told({ overrides: [drain] }, { overrides: [drain] })).toEqual([])
  })

  it("names who was away when one was lifted, and nobody who never had it", () => {
    const past = { pastOverrides: [lifted] }
    expect(told(past, { overrides: [drain] })).toEqual([
      `lb2 was not told that rs1 is no longer drained, by bob since ${lifted.since}`,
    ])
    expect(told(past, {})).toEqual([])
  })
})

describe("planFleet() with warnings of hosts that are not there", () => {
  it("passes them on", () => {
    const lost = { host: "rs9", message: "left the inventory" }
    expect(planFleet([], [], [lost]).warnings).toEqual([lost])
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

import { describe, expect, it } from "vitest"
import type { AgentStatus } from "../../src/model/agent-status.ts"
import type { Observed } from "../../src/model/observed.ts"
import type { SavedPlan } from "../../src/model/saved-plan.ts"
import { planFleet } from "../../src/plan/fleet.ts"
import { stepPrint } from "../../src/plan/fingerprint.ts"
import type { HostInput } from "../../src/plan/host.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import { withoutContents } from "../../src/plan/json.ts"
import { changedInput, printsOf, staleReasons } from "../../src/plan/stale.ts"
import { bundle, directorState, observed, view } from "./fixtures.ts"
import { check, destination, held } from "./samples.ts"

const now = "2026-01-01T00:00:00.000Z"
const noon = "2026-01-01T12:00:00.000Z"
const rs1 = { host: "rs1", address: "10.0.0.1" }
const rs2 = { host: "rs2", address: "10.0.0.2" }
const vip = { address: "10.77.0.100", prefix: 32, device: "lo" }
const web = { ...held([destination(1)]), key: { ...held([]).key, address: "10.77.0.100" } as const }
const webName = "tcp 10.77.0.100:80"

const status: AgentStatus = {
  ...statusOfTable([web]),
  running: true,
  owned: [webName],
  desired: directorState([rs1]),
  counters: [{ service: webName, server: "10.0.0.1:80", active: 1, inactive: 2, connections: 3 }],
  health: [{ service: webName, server: "10.0.0.1:80", state: "up", message: "", since: now }],
  vrrp: [{ instance: "demo", state: "BACKUP", since: now, demoted: false }],
}

const seen = observed({
  host: "lb1",
  addresses: [
    { address: "127.0.0.1", prefix: 8, device: "lo" },
    { address: "10.77.0.11", prefix: 24, device: "eth0" },
  ],
  files: { "/etc/a": { sha256: "a".repeat(64), mode: "0644", owner: "root:root" } },
  sysctls: { "net.ipv4.ip_forward": "0" },
  modules: { ip_vs: "loaded" },
  units: { "keepalived.service": { exists: true, enabled: true, running: true } },
  commands: { keepalived: true },
  agents: ["abc"],
  runtime: "/usr/bin/node",
  release: "r1",
  facts: { kernel: "6.1", disk_free_kib: "900000" },
  agent: status,
})

function director(parts: Partial<Observed> = {}, more: Partial<HostInput> = {}): HostInput {
  return {
    view: view({ host: "lb1", director: directorState([rs1, rs2]) }),
    bundle: bundle({ host: "lb1", agent: "abc" }),
    observed: { ...seen, ...parts },
    cluster: "demo",
    directors: ["lb1"],
    now,
    ...more,
  }
}

const realServer: HostInput = {
  view: view({ host: "rs1" }),
  bundle: bundle({ host: "rs1", addresses: [vip] }),
  observed: observed({ host: "rs1" }),
  directors: ["lb1"],
  now,
}

function save(inputs: readonly HostInput[]): SavedPlan {
  const plan = planFleet(inputs, [])
  return {
    lbctl: "0",
    created: now,
    inventories: ["inventories/prod"],
    hosts: printsOf(inputs),
    steps: plan.hosts.map(stepPrint),
    plan: withoutContents(plan),
  }
}

/** What is said when the director is another than the plan was made from. */
function reasons(other: HostInput): string[] {
  const inputs = [other, realServer]
  return staleReasons(save([director(), realServer]), inputs, planFleet(inputs, [])).map(
    ({ host, message }) => `${host}: ${message}`,
  )
}

const withAgent = (parts: Partial<AgentStatus>) => director({ agent: { ...status, ...parts } })

describe("staleReasons()", () => {
  it("has none where nothing changed", () => {
    expect(reasons(director())).toEqual([])
  })

  const volatile: [string, HostInput][] = [
    ["counters", withAgent({ counters: [] })],
    [
      "times",
      withAgent({
        health: status.health.map((item) => ({ ...item, since: noon, message: "HTTP 200" })),
        vrrp: status.vrrp.map((item) => ({ ...item, since: noon })),
      }),
    ],
    ["the time of the plan", director({}, { now: noon })],
    ["free disk and load", director({ facts: { kernel: "6.1", disk_free_kib: "800000" } })],
    [
      "link-local addresses and containers' links",
      director({
        addresses: [...seen.addresses, { address: "fe80::1", prefix: 64, device: "veth1" }],
        links: [...seen.links, { name: "veth1", mac: "", up: true, mtu: 1500 }],
      }),
    ],
    ["the order of what a host lists", director({ addresses: [...seen.addresses].reverse() })],
  ]
  it.each(volatile)("does not mind %s", (_, other) => {
    expect(reasons(other)).toEqual([])
  })

  const heldFile = { sha256: "b".repeat(64), mode: "0644", owner: "root:root" }
  const changes: [string, HostInput][] = [
    ["services", withAgent({ table: [{ ...web, scheduler: "rr" }] })],
    [
      "services",
      withAgent({ table: [{ ...web, destinations: [destination(1), destination(9)] }] }),
    ],
    ["services", withAgent({ table: [] })],
    ["the agent's state", withAgent({ running: false })],
    ["the agent's state", withAgent({ desired: directorState([]) })],
    [
      "the agent's state",
      withAgent({ overrides: [{ action: "drain", host: "rs1", by: "bob", since: now }] }),
    ],
    [
      "the agent's state",
      withAgent({ vrrp: [{ instance: "demo", state: "FAULT", demoted: false }] }),
    ],
    ["files", director({ files: { "/etc/a": heldFile } })],
    ["files", director({ files: {} })],
    ["sysctls", director({ sysctls: { "net.ipv4.ip_forward": "1" } })],
    ["modules", director({ modules: { ip_vs: "loadable" } })],
    ["units", director({ units: {} })],
    ["commands", director({ commands: {} })],
    ["agents", director({ agents: [] })],
    ["release", director({ release: "r2" })],
    ["release", director({ owned: { ...seen.owned, files: ["/etc/a"] } })],
    ["addresses", director({ addresses: [...seen.addresses, { ...vip, device: "eth0" }] })],
    [
      "links",
      director({ links: seen.links.map((link) => ({ ...link, up: link.name !== "eth0" })) }),
    ],
  ]
  it.each(changes)("notices other %s on the host, and says so", (part, other) => {
    expect(reasons(other).at(-1)).toMatch(new RegExp(`^lb1: changed on the host: .*${part}`))
  })

  it("leaves to checks what checks decide, until it changes what is planned", () => {
    const health = (server: string, state: "up" | "down") =>
      ({ service: webName, server, state, message: "", since: now }) as const
    const { services, ...rest } = directorState([rs1, rs2])
    const checked = { ...rest, services: services.map((one) => ({ ...one, check })) }
    const both: Partial<AgentStatus> = {
      table: [{ ...web, destinations: [destination(1), destination(2)] }],
      desired: checked,
      health: [health("10.0.0.1:80", "up"), health("10.0.0.2:80", "up")],
    }
    const input = (parts: Partial<AgentStatus>): HostInput => ({
      ...withAgent({ ...both, ...parts }),
      view: view({ host: "lb1", director: checked }),
    })
    const saved = save([input({})])
    const stale = (parts: Partial<AgentStatus>) => {
      const inputs = [input(parts)]
      return staleReasons(saved, inputs, planFleet(inputs, [])).map(({ message }) => message)
    }
    const out = [health("10.0.0.1:80", "up"), health("10.0.0.2:80", "down")]
    expect(stale({ health: out, table: [web] })).toEqual([])
    const drifted = [{ ...web, destinations: [destination(1, 7), destination(2)] }]
    expect(stale({ table: drifted })).toEqual([
      "to be done now: ~ ipvs virtual service tcp 10.77.0.100:80: real server 10.0.0.1:80 weight 7 -> 1 [risk low]",
    ])
  })

  it("names a host for which the definition says something else", () => {
    const other = director(
      {},
      { bundle: bundle({ host: "lb1", agent: "abc", id: "f".repeat(64) }) },
    )
    expect(reasons(other)).toEqual(["lb1: the definition says something else by now"])
  })

  it("names hosts that came and went", () => {
    const saved = save([director(), realServer])
    const alone = [director()]
    expect(staleReasons(saved, alone, planFleet(alone, []))).toEqual([
      { host: "rs1", message: "is no part of the plan any more" },
    ])
    const both = [director(), realServer]
    expect(staleReasons(save(alone), both, planFleet(both, []))).toEqual([
      { host: "rs1", message: "was no part of the saved plan" },
    ])
  })

  it("notices steps that differ in what is done alone", () => {
    const saved = save([realServer])
    const [step] = planFleet([realServer], []).hosts
    const other = {
      ...planFleet([realServer], []),
      hosts: step ? [{ ...step, operations: [] }] : [],
    }
    expect(staleReasons(saved, [realServer], other)).toEqual([
      { message: "the steps or their order differ from those that were saved" },
    ])
  })
})

describe("changedInput()", () => {
  const saved = save([director(), realServer])
  const bundles = new Map(
    [director(), realServer].map((input) => [input.observed.host, input.bundle]),
  )
  const hosts = new Set(["lb1", "rs1", "not-managed"])

  it("has nothing to say where files say the same", () => {
    expect(changedInput(saved, bundles, hosts)).toEqual([])
  })

  it("names hosts that the files say something else of", () => {
    const edited = new Map([...bundles, ["rs1", bundle({ id: "other" })], ["rs2", bundle()]])
    const named = changedInput(saved, edited, new Set(["rs1", "rs2"]))
    expect(named.map(({ host }) => host)).toEqual(["lb1", "rs2", "rs1"])
  })
})

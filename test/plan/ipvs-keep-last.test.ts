import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { DesiredService } from "../../src/model/desired.ts"
import type { HealthState } from "../../src/model/agent-status.ts"
import { wantedTable } from "../../src/plan/ipvs.ts"
import { lastServers, noticeMs } from "../../src/plan/ipvs-keep-last.ts"
import { stepQuorum } from "../../src/plan/ipvs-quorum.ts"
import type { QuorumState, Runtime } from "../../src/plan/ipvs-runtime.ts"
import { check, director, runtime, server, service, web } from "./samples.ts"

const nowMs = Date.parse("2026-01-01T12:00:00.000Z")
const sorryServer = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const
const checked = service({ check, servers: [server(1), server(2), server(3)] })

/** Servers that are down, by how long ago they ceased to be up; -1: never. */
function fallen(ages: Record<number, number>): {
  readonly health: ReadonlyMap<string, HealthState>
  readonly fallen: ReadonlyMap<string, number>
} {
  const entries = Object.entries(ages).map(([n, ms]) => [`${web} 10.0.0.${n}:80`, ms] as const)
  return {
    health: new Map(entries.map(([key]) => [key, "down"])),
    fallen: new Map(entries.filter(([, ms]) => ms >= 0).map(([key, ms]) => [key, nowMs - ms])),
  }
}

function kept(definition: DesiredService, more: Partial<Runtime>): string[] {
  return [...lastServers(definition, runtime(more))].map((key) =>
    key.replace(/.*10.0.0.(.*):80/, "rs$1"),
  )
}

function weights(definition: DesiredService, more: Partial<Runtime>): Record<string, number> {
  const before = runtime(more)
  const quorum = stepQuorum(director(definition), before)
  const [found] = wantedTable(director(definition), { ...before, quorum })
  return Object.fromEntries(
    (found?.destinations ?? []).map((item) => [item.address.replace("10.0.0.", "rs"), item.weight]),
  )
}

describe("when all real servers of a service are down", () => {
  it("those that fell together with the last one stay in", () => {
    expect(weights(checked, fallen({ 1: 0, 2: 5000, 3: 3_600_000 }))).toEqual({ rs1: 1, rs2: 1 })
  })

  it("those that never answered stay out", () => {
    expect(weights(checked, fallen({ 1: -1, 2: 0, 3: -1 }))).toEqual({ rs2: 1 })
    expect(weights(checked, fallen({ 1: -1, 2: -1, 3: -1 }))).toEqual({})
  })

  it("they leave once another is up", () => {
    const states = fallen({ 1: 0, 2: 0, 3: 0 })
    const health = new Map([...states.health, [`${web} 10.0.0.3:80`, "up" as const]])
    expect(weights(checked, { ...states, health })).toEqual({ rs3: 1 })
  })

  it("and not while one is up that an operator drains: that is no failure", () => {
    const states = fallen({ 1: 0, 2: 0 })
    const health = new Map([...states.health, [`${web} 10.0.0.3:80`, "up" as const]])
    const drained = { action: "drain", host: "rs3", by: "ann", since: "" } as const
    expect(kept(checked, { ...states, health, overrides: [drained] })).toEqual([])
  })

  it("a drained one among them stays drained", () => {
    const drained = { action: "drain", host: "rs1", by: "ann", since: "" } as const
    const states = fallen({ 1: 0, 2: 0, 3: 90_000 })
    expect(weights(checked, { ...states, overrides: [drained] })).toEqual({ rs1: 0, rs2: 1 })
  })

  it("the sorry server serves instead where there is one", () => {
    expect(weights({ ...checked, sorryServer }, fallen({ 1: 0, 2: 0, 3: 0 }))).toEqual({ rs99: 1 })
  })

  it("all_down: remove leaves the service empty", () => {
    expect(weights({ ...checked, allDown: "remove" }, fallen({ 1: 0, 2: 0, 3: 0 }))).toEqual({})
  })

  it.each([
    ["by default the last ones serve, others rest", {}, { rs1: 1, rs2: 1, rs3: 0 }],
    ["with a sorry server all rest", { sorryServer }, { rs1: 0, rs2: 0, rs3: 0, rs99: 1 }],
    ["with all_down: remove all rest", { allDown: "remove" }, { rs1: 0, rs2: 0, rs3: 0 }],
    ["sh without fallback lets none rest", { scheduler: "sh" }, { rs1: 1, rs2: 1 }],
  ] as const)("and with inhibit_on_failure: %s", (_, more, wanted) => {
    const inhibited = { ...checked, inhibitOnFailure: true, ...more }
    expect(weights(inhibited, fallen({ 1: 0, 2: 0, 3: 3_600_000 }))).toEqual(wanted)
  })
})

describe("while a watermark is lost", () => {
  const watermark = { low: 0.5, high: 0.5 }
  const one = new Map<string, HealthState>([
    [`${web} 10.0.0.1:80`, "up"],
    [`${web} 10.0.0.2:80`, "down"],
    [`${web} 10.0.0.3:80`, "down"],
  ])

  it("all_down: remove lets the servers that answer rest: their connections may end", () => {
    expect(weights({ ...checked, watermark, allDown: "remove" }, { health: one })).toEqual({
      rs1: 0,
    })
  })

  it("the sorry server takes the new connections", () => {
    expect(weights({ ...checked, watermark, sorryServer }, { health: one })).toEqual({
      rs1: 0,
      rs99: 1,
    })
  })

  it("nothing changes without either", () => {
    expect(weights({ ...checked, watermark }, { health: one })).toEqual({ rs1: 1 })
  })
})

describe("noticeMs", () => {
  it("spans an interval, the retries and every timeout", () => {
    expect(noticeMs(check)).toBeCloseTo(1.1 * 7000 + 6000)
  })
})

const states = fc.constantFrom<HealthState>("up", "down", "unknown")
const judged = fc.record({
  state: states,
  weight: fc.nat(3),
  age: fc.integer({ min: -1, max: 60_000 }),
  adopted: fc.option(fc.nat(3), { nil: undefined }),
  drained: fc.boolean(),
})
const situation = fc.record({
  servers: fc.array(judged, { minLength: 1, maxLength: 5 }),
  before: fc.constantFrom<QuorumState | undefined>("up", "down", undefined),
  inhibitOnFailure: fc.boolean(),
  scheduler: fc.constantFrom("wlc" as const, "sh" as const),
  loss: fc.constantFrom(
    {},
    { allDown: "remove" as const },
    { sorryServer },
    { watermark: { low: 0.4, high: 0.8 } },
    { quorum: { up: 2, hysteresis: 1 } },
    { quorum: { up: 2, hysteresis: 1 }, sorryServer },
  ),
})

type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never

function world({ servers, before, loss, ...own }: Situation): {
  definition: DesiredService
  now: Runtime
} {
  const key = (index: number): string => `${web} 10.0.0.${index + 1}:80`
  const definition = service({
    check,
    ...own,
    ...loss,
    servers: servers.map(({ weight }, index) => server(index + 1, { weight })),
  })
  const now = runtime({
    health: new Map(servers.map(({ state }, index) => [key(index), state])),
    fallen: new Map(
      servers.flatMap(({ state, age }, index) =>
        state === "down" && age >= 0 ? [[key(index), nowMs - age] as const] : [],
      ),
    ),
    adopted: new Map(
      servers.flatMap(({ adopted }, index) =>
        adopted === undefined ? [] : [[key(index), adopted] as const],
      ),
    ),
    overrides: servers.flatMap(({ drained }, index) =>
      drained ? [{ action: "drain" as const, host: `rs${index + 1}`, by: "ann", since: "" }] : [],
    ),
    quorum: before === undefined ? new Map() : new Map([[web, before]]),
  })
  return { definition, now }
}

describe("in any situation", () => {
  it("no real server has more than its defined weight", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { definition, now } = world(given)
        for (const [name, weight] of Object.entries(weights(definition, now))) {
          const own = definition.servers.find(({ host }) => host === name)
          expect(weight).toBeLessThanOrEqual(own?.weight ?? 1)
        }
      }),
      { numRuns: 500 },
    )
  })

  it("a service that may not refuse, and had a server nobody drained, has one that takes connections", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { definition, now } = world(given)
        const open = given.servers.some(
          ({ state, weight, age, adopted, drained }) =>
            weight > 0 &&
            !drained &&
            (state === "up" ||
              (state === "unknown" && (adopted ?? 0) > 0) ||
              (state === "down" && age >= 0 && allFell(given, age))),
        )
        // Without a history a service with a sorry server waits for the first answers.
        fc.pre(open && given.before !== undefined && definition.allDown !== "remove")
        const taking = Object.values(weights(definition, now)).filter((weight) => weight > 0)
        expect(taking.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })

  it("a drained server takes no connection, whatever fails", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { definition, now } = world(given)
        const table = weights(definition, now)
        for (const { host } of now.overrides) expect(table[host ?? ""] ?? 0).toBe(0)
      }),
    )
  })
})

/** Whether every server with a weight is down, and one of this age among those that fell last. */
function allFell({ servers }: Situation, age: number): boolean {
  const able = servers.filter(({ weight }) => weight > 0)
  const serves = able.some(
    ({ state, adopted }) => state === "up" || (state === "unknown" && (adopted ?? 0) > 0),
  )
  const ages = able.filter((one) => one.state === "down" && one.age >= 0).map((one) => one.age)
  return !serves && age <= Math.min(...ages) + noticeMs(check)
}

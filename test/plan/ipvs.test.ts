import { describe, expect, it } from "vitest"
import type { HealthState } from "../../src/model/agent-status.ts"
import type { DesiredService } from "../../src/model/desired.ts"
import { foreignServices, wantedTable } from "../../src/plan/ipvs.ts"
import type { DrainingServer, Runtime } from "../../src/plan/ipvs-runtime.ts"
import {
  check,
  destination,
  director,
  halfMinuteLater,
  held,
  noon,
  runtime,
  server,
  service,
  web,
  weighing,
} from "./samples.ts"

function weights(definition: DesiredService, more: Partial<Runtime> = {}): Record<string, number> {
  const [found] = wantedTable(director(definition), runtime(more))
  return Object.fromEntries(
    (found?.destinations ?? []).map((item) => [item.address.replace("10.0.0.", "rs"), item.weight]),
  )
}

function health(states: Record<number, HealthState>): Map<string, HealthState> {
  return new Map(Object.entries(states).map(([n, state]) => [`${web} 10.0.0.${n}:80`, state]))
}

function leaver(n: number, until = halfMinuteLater): DrainingServer {
  const { destinations: _, ...head } = held([])
  return { service: head, destination: destination(n, 3), until }
}

const checked = service({ check })

describe("wantedTable", () => {
  it("takes a service without a check for up", () => {
    expect(weights(service())).toEqual({ rs1: 1, rs2: 1 })
  })

  it("pools a checked server only once it has answered", () => {
    expect(weights(checked, { health: health({ 1: "up", 2: "unknown" }) })).toEqual({ rs1: 1 })
  })

  it("keeps an unknown server that the kernel held already", () => {
    const adopted = new Map([[`${web} 10.0.0.2:80`, 7]])
    expect(weights(checked, { health: health({ 1: "up" }), adopted })).toEqual({ rs1: 1, rs2: 1 })
  })

  it("does not raise an adopted weight of 0 before a check has answered", () => {
    const adopted = new Map([[`${web} 10.0.0.2:80`, 0]])
    expect(weights(checked, { health: health({ 1: "up" }), adopted })).toEqual({ rs1: 1, rs2: 0 })
  })

  describe("with a check that tells weights", () => {
    const weighed = service({ check: weighing, servers: [server(1, { weight: 3 }), server(2)] })
    const known = { health: health({ 1: "up", 2: "up" }) }
    const told = new Map([[`${web} 10.0.0.2:80`, 40]])

    it("takes them in the place of the definition's, and an operator's in the place of both", () => {
      expect(weights(weighed, { ...known, told })).toEqual({ rs1: 3, rs2: 40 })
      const override = { action: "weight", host: "rs2", weight: 8, by: "ann", since: noon } as const
      expect(weights(weighed, { ...known, told, overrides: [override] })).toEqual({
        rs1: 3,
        rs2: 8,
      })
    })

    it("lets a server of weight 0 rest, and one with scheduler sh go, which would lose its clients", () => {
      const none = new Map([[`${web} 10.0.0.1:80`, 0]])
      expect(weights(weighed, { ...known, told: none })).toEqual({ rs1: 0, rs2: 1 })
      const hashed = { ...weighed, scheduler: "sh" as const }
      expect(weights(hashed, { ...known, told: none })).toEqual({ rs2: 1 })
    })

    it("heeds none of another check", () => {
      expect(weights({ ...weighed, check }, { ...known, told })).toEqual({ rs1: 3, rs2: 1 })
    })
  })

  it("counts a server without an answer as its initial state says, unless the kernel holds it", () => {
    expect(weights({ ...checked, initial: "up" })).toEqual({ rs1: 1, rs2: 1 })
    expect(weights({ ...checked, initial: "down", inhibitOnFailure: true })).toEqual({
      rs1: 0,
      rs2: 0,
    })
    const adopted = new Map([[`${web} 10.0.0.2:80`, 7]])
    expect(weights({ ...checked, initial: "down" }, { adopted })).toEqual({ rs2: 1 })
  })

  it("gives a server in slow start the weight it has grown to, and never more than its own", () => {
    const ramps = new Map([
      [`${web} 10.0.0.1:80`, 3],
      [`${web} 10.0.0.2:80`, 30],
    ])
    const servers = [server(1, { weight: 10 }), server(2, { weight: 10 })]
    expect(weights(service({ servers }), { ramps })).toEqual({ rs1: 3, rs2: 10 })
  })

  it("takes a server that is down out, or to weight 0 with inhibit_on_failure", () => {
    const states = { health: health({ 1: "up", 2: "down" }) }
    expect(weights(checked, states)).toEqual({ rs1: 1 })
    expect(weights({ ...checked, inhibitOnFailure: true }, states)).toEqual({ rs1: 1, rs2: 0 })
  })

  it("drains by override for one service, all services of a host, and not after it expired", () => {
    const drain = { action: "drain", host: "rs2", by: "ann", since: noon } as const
    expect(weights(service(), { overrides: [drain] })).toEqual({ rs1: 1, rs2: 0 })
    expect(weights(service(), { overrides: [{ ...drain, service: "web" }] }).rs2).toBe(0)
    expect(weights(service(), { overrides: [{ ...drain, service: "other" }] }).rs2).toBe(1)
    expect(weights(service(), { overrides: [{ ...drain, expires: noon }] }).rs2).toBe(1)
  })

  it("takes a disabled server out at once, and puts another weight in place of the defined one", () => {
    const word = { host: "rs2", by: "ann", since: noon } as const
    const heavy = { ...word, action: "weight", weight: 9 } as const
    const out = { ...word, action: "disable" } as const
    expect(weights(service(), { overrides: [out] })).toEqual({ rs1: 1 })
    expect(weights({ ...service(), inhibitOnFailure: true }, { overrides: [out] })).toEqual({
      rs1: 1,
    })
    expect(weights(service(), { overrides: [heavy] })).toEqual({ rs1: 1, rs2: 9 })
    expect(
      weights(checked, { overrides: [heavy], health: health({ 1: "up", 2: "down" }) }),
    ).toEqual({ rs1: 1 })
  })

  it("serves nobody by a disabled service, not even by its sorry server, and keeps it in the kernel", () => {
    const sorryServer = { address: "10.0.0.9", port: 80, forwarding: "dr" } as const
    const overrides = [{ action: "disable", service: "web", by: "ann", since: noon }] as const
    const quorum = new Map([[web, "down" as const]])
    const more = { overrides, quorum, draining: [leaver(8)] }
    expect(wantedTable(director(service({ sorryServer })), runtime(more))).toMatchObject([
      { key: { port: 80 }, destinations: [] },
    ])
  })

  it("takes a drained server of sh without its fallback out, since sh would drop its clients", () => {
    const overrides = [{ action: "drain", host: "rs2", by: "ann", since: noon }] as const
    expect(weights(service({ scheduler: "sh" }), { overrides })).toEqual({ rs1: 1 })
    const fallback = service({ scheduler: "sh", flags: ["sh-fallback"] })
    expect(weights(fallback, { overrides })).toEqual({ rs1: 1, rs2: 0 })
  })

  it("keeps a server that left at weight 0 until its time is over", () => {
    expect(weights(service(), { draining: [leaver(9)] })).toEqual({ rs1: 1, rs2: 1, rs9: 0 })
    expect(weights(service(), { draining: [leaver(9, noon)] })).toEqual({ rs1: 1, rs2: 1 })
    expect(weights(service({ scheduler: "sh" }), { draining: [leaver(9)] }).rs9).toBeUndefined()
  })

  it("lets those who leave serve on while all others are newcomers without an answer", () => {
    expect(weights(checked, { draining: [leaver(9)] })).toEqual({ rs9: 3 })
    expect(weights(checked, { draining: [leaver(9)], health: health({ 1: "up" }) })).toEqual({
      rs1: 1,
      rs9: 0,
    })
    const back = { draining: [leaver(9)], adopted: new Map([[`${web} 10.0.0.1:80`, 0]]) }
    expect(weights(checked, back)).toEqual({ rs1: 0, rs9: 3 })
    const down = health({ 1: "down", 2: "down" })
    expect(weights(checked, { draining: [leaver(9)], health: down })).toEqual({ rs9: 0 })
  })

  it("keeps a service that left with its draining servers at weight 0, and forgets it without them", () => {
    expect(wantedTable(director(), runtime({ draining: [leaver(9)] }))).toEqual([
      held([destination(9, 0)]),
    ])
    expect(wantedTable(director(), runtime({ draining: [leaver(9, noon)] }))).toEqual([])
  })

  it("gives new connections to the sorry server when the quorum is lost, and lets the rest finish", () => {
    const sorry = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const
    const quorum = new Map([[web, "down" as const]])
    expect(weights(service({ sorryServer: sorry }), { quorum })).toEqual({
      rs1: 0,
      rs2: 0,
      rs99: 1,
    })
    expect(weights(service(), { quorum })).toEqual({ rs1: 1, rs2: 1 })
  })

  it("lists servers in canonical order with all their attributes", () => {
    const tunnel = { type: "gue", port: 5555 } as const
    const servers = [
      server(3, { upperThreshold: 9, lowerThreshold: 4 }),
      server(20, { forwarding: "tun", tunnel }),
    ]
    const [found] = wantedTable(director(service({ servers })), runtime({ draining: [leaver(9)] }))
    expect(found?.destinations).toEqual([
      { ...destination(3), upperThreshold: 9, lowerThreshold: 4 },
      destination(9, 0),
      { ...destination(20), forwarding: "tun", tunnel },
    ])
  })
})

describe("foreignServices", () => {
  it("names what is neither wanted nor owned nor a private check service", () => {
    const mark = { ...held([]), key: { kind: "fwmark", fwmark: 0x6c620007, family: 4 } } as const
    const strange = held([], 8080)
    const owned = held([], 443)
    expect(
      foreignServices(
        [held([]), strange, owned, mark],
        [held([])],
        new Set(["tcp 192.0.2.10:443"]),
      ),
    ).toEqual([strange])
  })
})

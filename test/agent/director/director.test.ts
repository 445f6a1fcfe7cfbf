import { beforeEach, describe, expect, it } from "vitest"
import { Director } from "../../../src/agent/director/director.ts"
import type { HealthReport, TargetMessage } from "../../../src/agent/messages.ts"
import type { HealthState } from "../../../src/model/agent-status.ts"
import type { IpvsTable } from "../../../src/model/ipvs.ts"
import { isCheckService } from "../../../src/model/ipvs.ts"
import { markRules } from "../../../src/model/desired.ts"
import type { StateChange } from "../../../src/model/state-change.ts"
import { Failure } from "../../../src/core/failure.ts"
import { planTable } from "../../../src/plan/ipvs-changes.ts"
import { FakeStore } from "../../fakes/agent-store.ts"
import { FakeIpvs } from "../../fakes/ipvs-kernel.ts"
import { FakeMarkTables } from "../../fakes/mark-tables.ts"
import {
  at,
  check,
  destination,
  director as define,
  held,
  marked,
  server,
  service,
  web,
  weighing,
} from "../../plan/samples.ts"

const noonMs = Date.parse("2026-01-01T12:00:00.000Z")
const checked = service({ check })
const stranger = held([destination(77)], 8080)

let kernel: FakeIpvs
let tables: FakeMarkTables
let store: FakeStore
let nowMs: number
let sent: TargetMessage[][]
let lines: string[]
let changes: StateChange[]

beforeEach(() => {
  kernel = new FakeIpvs()
  tables = new FakeMarkTables()
  store = new FakeStore()
  nowMs = noonMs
  sent = []
  lines = []
  changes = []
})

function start(): Director {
  return new Director({
    kernel,
    marks: tables,
    store,
    addresses: () => [],
    now: () => nowMs,
    sendTargets: (targets) => sent.push([...targets]),
    log: (line) => lines.push(line),
    note: (change) => changes.push(change),
  })
}

function report(state: HealthState, ...numbers: number[]): HealthReport[] {
  return numbers.map((n) => ({ key: `${web} 10.0.0.${n}:80`, state, message: "", sinceMs: nowMs }))
}

function weights(port = 80): Record<string, number> | undefined {
  const found = kernel.table.find(({ key }) => key.kind === "address" && key.port === port)
  return (
    found &&
    Object.fromEntries(
      found.destinations.map((item) => [`rs${item.address.slice(7)}`, item.weight]),
    )
  )
}

function pass(director: Director, milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 1000) {
    nowMs += 1000
    director.tick()
  }
}

describe("a director that starts", () => {
  it("does nothing where nothing was ever configured", () => {
    kernel = new FakeIpvs([stranger])
    expect(start().reload()).toEqual({ ok: true, problems: [] })
    expect(kernel.done).toEqual([])
  })

  it("makes its services, records them first, and leaves strangers alone", () => {
    kernel = new FakeIpvs([stranger])
    store.define(define(service()))
    const apply = kernel.apply.bind(kernel)
    let recorded: readonly string[] = []
    kernel.apply = (steps) => {
      recorded = store.record.services
      return apply(steps)
    }
    expect(start().reload().ok).toBe(true)
    expect(recorded).toEqual([web])
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    expect(weights(8080)).toEqual({ rs77: 1 })
  })

  it("adopts what it finds and writes nothing when all is right", () => {
    store.define(define(checked))
    const first = start()
    first.reload()
    first.report(report("up", 1, 2))
    const before = kernel.done.length
    const second = start()
    expect(second.reload().ok).toBe(true)
    second.tick()
    expect(kernel.done.length).toBe(before)
    expect(sent.at(-1)?.every(({ known }) => known.pooled)).toBe(true)
  })

  it("finishes what a former process left half done", () => {
    store.define(define(service(), service({ name: "tls", key: at(443) })))
    const apply = kernel.apply.bind(kernel)
    kernel.apply = (steps) => {
      apply(steps.slice(0, 3))
      throw new Failure("failed", "killed")
    }
    start().reload()
    kernel.apply = apply
    expect(start().reload().ok).toBe(true)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    expect(weights(443)).toEqual({ rs1: 1, rs2: 1 })
  })

  it("sets the wanted timeouts and puts back what was there before", () => {
    store.define({ ...define(service()), timeouts: { tcp: 600 } })
    const first = start()
    first.reload()
    expect(kernel.timeouts()).toEqual({ tcp: 600, tcpFin: 120, udp: 300 })
    expect(store.record.timeouts).toEqual({ tcp: 900 })
    const second = start()
    second.reload()
    second.release()
    expect(kernel.timeouts().tcp).toBe(900)
    expect(store.record.timeouts).toBeUndefined()
  })

  it("takes out a service it owned whose definition went while it was away", () => {
    store.define(define(service()))
    start().reload()
    store.define(define())
    const second = start()
    second.reload()
    expect(weights()).toEqual({ rs1: 0, rs2: 0 })
    pass(second, 2000)
    expect(weights()).toBeUndefined()
    expect(store.record.services).toEqual([])
  })
})

describe("a director that is started again", () => {
  it("goes on with what it knew of its servers", () => {
    const inhibiting = service({ check, inhibitOnFailure: true })
    store.define(define(inhibiting))
    const first = start()
    first.reload()
    first.report([...report("up", 1), ...report("down", 2)])
    pass(first, 2000)
    const before = kernel.done.length
    nowMs += 60_000
    const second = start()
    second.reload()
    expect(kernel.done.length).toBe(before)
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    expect(second.unknownServers).toBe(0)
    expect(second.status().health.map(({ state }) => state)).toEqual(["up", "down"])
    expect(sent.at(-1)?.map(({ known }) => known.state)).toEqual(["up", "down"])
  })

  it("still keeps the last servers of a service that is down, and no others", () => {
    store.define(define(checked))
    const first = start()
    first.reload()
    first.report(report("up", 1, 2))
    first.report(report("down", 1).map((fell) => ({ ...fell, lastUpMs: nowMs - 3_600_000 })))
    first.report(report("down", 2).map((fell) => ({ ...fell, lastUpMs: nowMs })))
    pass(first, 2000)
    const second = start()
    second.reload()
    expect(weights()).toEqual({ rs2: 1 })
  })

  it("lets a slow start go on where it was", () => {
    const heavy = [server(1, { weight: 100 })]
    store.define(define(service({ check, slowStartMs: 10_000, servers: heavy })))
    const first = start()
    first.reload()
    first.report(report("up", 1).map((came) => ({ ...came, joinedMs: nowMs })))
    pass(first, 4000)
    const second = start()
    second.reload()
    pass(second, 1000)
    expect(weights()).toEqual({ rs1: 50 })
  })

  it("gives drains that were under way no time anew", () => {
    store.define(define(service()))
    const first = start()
    first.reload()
    kernel.connections.set(`${web} 10.0.0.2:80`, { active: 1, inactive: 0 })
    store.define(define(service({ servers: [server(1)] })))
    first.reload()
    pass(first, 20_000)
    const second = start()
    second.reload()
    expect(second.status().draining).toEqual([
      { service: web, server: "10.0.0.2:80", until: "2026-01-01T12:00:30.000Z" },
    ])
    pass(second, 9000)
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    pass(second, 1000)
    expect(weights()).toEqual({ rs1: 1 })
    expect(store.underway).toEqual([])
  })

  it("keeps the drain_timeout of a service whose definition is gone", () => {
    const short = { drainTimeoutMs: 5000 }
    store.define(define(service(short)))
    const first = start()
    first.reload()
    for (const n of [1, 2])
      kernel.connections.set(`${web} 10.0.0.${n}:80`, { active: 1, inactive: 0 })
    store.define(define())
    first.reload()
    pass(first, 2000)
    const second = start()
    second.reload()
    pass(second, 3000)
    expect(weights()).toBeUndefined()
  })
})

describe("a reload", () => {
  it("refuses a damaged definition and keeps the former one", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    store.text = '{"format":1}'
    const { ok, problems } = director.reload()
    expect(ok).toBe(false)
    expect(problems.map(({ message }) => message)).toContain("services is missing")
    expect(director.desired?.services).toHaveLength(1)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
  })

  it("makes nothing when the record cannot be kept", () => {
    store.define(define(service()))
    store.full = true
    expect(start().reload().problems[0]?.message).toMatch(/no space left/)
    expect(kernel.done).toEqual([])
  })

  it("writes one weight of many services, and nothing at all to adopt them again", () => {
    const services = Array.from({ length: 100 }, (_, index) =>
      service({
        key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 80 + index },
      }),
    )
    store.define(define(...services))
    start().reload()
    const before = kernel.done.length
    const director = start()
    director.reload()
    expect(kernel.done.slice(before)).toEqual([])
    store.define(
      define(service({ servers: [server(1, { weight: 7 }), server(2)] }), ...services.slice(1)),
    )
    director.reload()
    expect(kernel.done.slice(before)).toMatchObject([
      { op: "edit-server", key: { port: 80 }, destination: { address: "10.0.0.1", weight: 7 } },
    ])
  })

  it("says what the kernel refused, and tries it again", () => {
    store.define(define(service()))
    kernel.refuse = (step) => (step.op === "add-server" ? "ENOMEM: out of memory" : undefined)
    const director = start()
    const { ok, problems } = director.reload()
    expect(ok).toBe(false)
    expect(problems[0]?.message).toMatch(/tcp 192.0.2.10:80: add server 10.0.0.\d:80: ENOMEM/)
    expect(director.status().warnings).toHaveLength(1)
    kernel.refuse = () => undefined
    pass(director, 2000)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    expect(director.status().warnings).toEqual([])
  })

  it("tells of a service the kernel refuses why, not what follows from it, and applies the others", () => {
    const other = service({
      key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 81 },
    })
    store.define(define(service(), other))
    kernel.refuse = (step) =>
      step.op === "add-service" &&
      step.service.key.kind === "address" &&
      step.service.key.port === 80
        ? "ENOENT: no such scheduler"
        : undefined
    const director = start()
    expect(director.reload().problems).toMatchObject([
      { message: `${web}: add service: ENOENT: no such scheduler` },
    ])
    expect(weights(81)).toEqual({ rs1: 1, rs2: 1 })
  })

  it("is tried again by itself when the kernel could not be read", () => {
    store.define(define(service()))
    const dump = kernel.dump.bind(kernel)
    kernel.dump = () => {
      throw new Failure("failed", "this kernel has no IPVS", { hint: "load it" })
    }
    const director = start()
    expect(director.reload().problems).toEqual([
      { rule: "agent-kernel", message: "this kernel has no IPVS", hint: "load it" },
    ])
    kernel.dump = dump
    pass(director, 5000)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
  })

  it("repairs what somebody changed in the kernel; health changes meanwhile do not", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    kernel.apply([{ op: "edit-server", key: checked.key, destination: destination(1, 9) }])
    director.report(report("down", 2))
    pass(director, 3000)
    expect(weights()).toEqual({ rs1: 9 })
    director.reload()
    expect(weights()).toEqual({ rs1: 1 })
  })

  it("drains servers that left, until they are idle", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    kernel.connections.set(`${web} 10.0.0.2:80`, { active: 1, inactive: 0 })
    store.define(define(service({ servers: [server(1)] })))
    director.reload()
    pass(director, 10_000)
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    expect(director.status().draining).toEqual([
      { service: web, server: "10.0.0.2:80", until: "2026-01-01T12:00:30.000Z" },
    ])
    kernel.connections.clear()
    pass(director, 1000)
    expect(weights()).toEqual({ rs1: 1 })
    expect(director.status().draining).toEqual([])
  })

  it("takes a busy server out when its time is over", () => {
    store.define(define(service({ drainTimeoutMs: 5000 })))
    const director = start()
    director.reload()
    kernel.connections.set(`${web} 10.0.0.2:80`, { active: 1, inactive: 0 })
    store.define(define(service({ drainTimeoutMs: 5000, servers: [server(1)] })))
    director.reload()
    pass(director, 4000)
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    pass(director, 1000)
    expect(weights()).toEqual({ rs1: 1 })
  })

  it("swaps a whole pool without an empty moment", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    kernel.history.length = 0
    store.define(define(service({ check, servers: [server(3), server(4)] })))
    director.reload()
    director.report(report("up", 3))
    director.report(report("up", 4))
    pass(director, 5000)
    expect(weights()).toEqual({ rs3: 1, rs4: 1 })
    for (const table of kernel.history) expect(serving(table)).toBe(true)
  })
})

function serving(table: IpvsTable): boolean {
  return table
    .filter(({ key }) => !isCheckService(key))
    .every(({ destinations }) => destinations.some(({ weight }) => weight > 0))
}

describe("health", () => {
  it("raises the weight of a server that came up step by step, and calls that no drift", () => {
    const heavy = [server(1, { weight: 100 }), server(2, { weight: 100 })]
    const state = define(service({ check, slowStartMs: 10_000, servers: heavy }))
    store.define(state)
    const director = start()
    director.reload()
    director.report(report("up", 1))
    director.report(report("up", 2).map((came) => ({ ...came, joinedMs: nowMs })))
    expect(weights()).toEqual({ rs1: 100, rs2: 1 })
    pass(director, 5000)
    expect(weights()).toEqual({ rs1: 100, rs2: 50 })
    nowMs += 700
    const status = { ...director.status(), version: "", running: true, vrrp: [] }
    expect(status.health[1]).toMatchObject({
      message: " (slow start)",
      slowStart: { weight: 50, until: "2026-01-01T12:00:10.000Z" },
    })
    expect(planTable(state, status, new Date(nowMs).toISOString())).toEqual([])
    pass(director, 5000)
    expect(weights()).toEqual({ rs1: 100, rs2: 100 })
    expect(director.status().health[1]).not.toHaveProperty("slowStart")
  })

  it("gives a server the weight that its check asks for, and calls that no drift", () => {
    const state = define(service({ check: weighing, servers: [server(1), server(2)] }))
    store.define(state)
    const director = start()
    director.reload()
    director.report(report("up", 1))
    director.report(report("up", 2).map((heard) => ({ ...heard, weight: 40 })))
    expect(weights()).toEqual({ rs1: 1, rs2: 40 })
    const status = { ...director.status(), version: "", running: true, vrrp: [] }
    expect(planTable(state, status, new Date(nowMs).toISOString())).toEqual([])
    director.report(report("up", 2).map((heard) => ({ ...heard, weight: 0 })))
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    director.report(report("up", 2))
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
  })

  it("keeps the last servers when all fail one after another, says so, and is never empty", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    kernel.history.length = 0
    for (const n of [1, 2])
      director.report(report("down", n).map((fell) => ({ ...fell, lastUpMs: nowMs })))
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    for (const table of kernel.history) expect(serving(table)).toBe(true)
    expect(director.status().warnings).toEqual([
      `${web}: all real servers are down; those that were up last stay in (all_down)`,
    ])
    director.report(report("up", 2))
    expect(weights()).toEqual({ rs2: 1 })
    expect(director.status().warnings).toEqual([])
  })

  it("takes a dead server out and puts it back, touching nothing else", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    kernel.done.length = 0
    director.report(report("down", 2))
    expect(weights()).toEqual({ rs1: 1 })
    director.report(report("up", 2))
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    expect(kernel.done.map(({ op }) => op)).toEqual(["remove-server", "add-server"])
  })

  it("brings the sorry server when the quorum is lost, and takes it away again", () => {
    const sorryServer = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const
    store.define(define({ ...checked, sorryServer, quorum: { up: 2, hysteresis: 0 } }))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    director.report(report("down", 2))
    expect(weights()).toEqual({ rs1: 0, rs99: 1 })
    expect(lines).toContain(`${web} quorum is down`)
    start().reload()
    expect(weights()).toEqual({ rs1: 0, rs99: 1 })
    director.report(report("up", 2))
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
  })

  it("notes real servers that change, and those first found down", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1))
    director.report(report("down", 2))
    expect(changes.map(({ host, from, to }) => [host, from, to])).toEqual([
      ["rs2", "unknown", "down"],
    ])
    director.report(report("down", 1))
    expect(changes.slice(1)).toMatchObject([
      { kind: "server", name: web, server: "10.0.0.1:80", host: "rs1", from: "up", to: "down" },
      { kind: "quorum", name: web, from: "up", to: "down" },
    ])
  })

  it("does not note what has been so since before it started", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("down", 1).map((item) => ({ ...item, sinceMs: noonMs - 1 })))
    expect(changes).toEqual([])
  })

  it("tells when the definition was loaded, and whether that went well", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    expect(director.status().loaded).toEqual({ at: "2026-01-01T12:00:00.000Z", ok: true })
    store.text = "{}"
    director.reload()
    expect(director.status().loaded?.ok).toBe(false)
  })

  it("is told to a new health process with all that is known", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("down", 2))
    director.retarget()
    expect(sent.at(-1)?.map(({ known }) => known.state)).toEqual(["unknown", "down"])
  })

  it("makes a private check service for each server", () => {
    store.define(define(checked))
    start().reload()
    expect(kernel.table.filter(({ key }) => isCheckService(key))).toHaveLength(2)
  })
})

describe("private check services", () => {
  it("are put back when somebody took them away, and other drift is not", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    kernel.apply(kernel.table.map(({ key }) => ({ op: "remove-service", key })))
    pass(director, 12_000)
    expect(kernel.table.every(({ key }) => isCheckService(key))).toBe(true)
    expect(kernel.table).toHaveLength(2)
  })
})

describe("overrides", () => {
  const drain = {
    action: "drain",
    host: "rs2",
    by: "ann",
    since: "2026-01-01T12:00:00.000Z",
  } as const

  it("survive a restart and a reload, until they are lifted", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    director.override(drain)
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    const second = start()
    second.reload()
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    expect(second.status().overrides).toEqual([drain])
    const lifting = { action: "drain", host: "rs2", by: "bob" } as const
    expect(second.lift(lifting)).toBe(true)
    expect(second.lift(lifting)).toBe(false)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
  })

  it("end by themselves when they expire", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    director.override({ ...drain, expires: "2026-01-01T12:00:02.000Z" })
    pass(director, 3000)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    expect(director.overrides).toEqual([])
  })

  it("are remembered once lifted, so that a director which missed that cannot bring them back", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    const set = director.override(drain)
    director.lift({ action: "drain", host: "rs2", by: "bob" })
    expect(director.status().pastOverrides).toMatchObject([{ lifted: true, by: "bob" }])
    expect(director.mergeOverrides([set])).toEqual([])
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    const third = start()
    third.reload()
    expect(third.mergeOverrides([set])).toEqual([])
  })

  it("come from other directors as they are: the newest counts", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    const later = { ...drain, since: "2026-01-01T12:00:01.000Z" }
    director.mergeOverrides([{ ...drain, action: "weight", weight: 7 }])
    expect(weights()).toEqual({ rs1: 1, rs2: 7 })
    director.mergeOverrides([later, drain])
    expect(weights()).toEqual({ rs1: 1, rs2: 0 })
    director.mergeOverrides([{ ...later, since: "2026-01-01T12:00:02.000Z", lifted: true }])
    expect(weights()).toEqual({ rs1: 1, rs2: 7 })
  })

  it("lets a drain that is lifted with a ramp grow back, over a restart too, and calls that no drift", () => {
    const state = define(service({ servers: [server(1), server(2, { weight: 100 })] }))
    store.define(state)
    const director = start()
    director.reload()
    director.override(drain)
    const since = "2026-01-01T12:00:01.000Z"
    nowMs += 1000
    director.mergeOverrides([{ ...drain, since, lifted: true, rampMs: 10_000 }])
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    pass(director, 2000)
    expect(weights()).toEqual({ rs1: 1, rs2: 20 })
    const second = start()
    second.reload()
    pass(second, 3000)
    expect(weights()).toEqual({ rs1: 1, rs2: 50 })
    const status = { ...second.status(), version: "", running: true, vrrp: [] }
    expect(status.health[1]).toMatchObject({
      message: "not checked (slow start)",
      slowStart: { weight: 50, until: "2026-01-01T12:00:11.000Z" },
    })
    expect(planTable(state, status, new Date(nowMs).toISOString())).toEqual([])
    pass(second, 5000)
    expect(weights()).toEqual({ rs1: 1, rs2: 100 })
    expect(second.status().health[1]).not.toHaveProperty("slowStart")
  })

  it("are not taken when they cannot be kept", () => {
    store.define(define(service()))
    const director = start()
    director.reload()
    store.full = true
    expect(() => director.override(drain)).toThrow(/no space/)
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
  })
})

describe("a service that keepalived programs", () => {
  const theirs = service({ ipvs: "keepalived", check })

  it("is neither written, nor owned, nor asked", () => {
    kernel = new FakeIpvs([held([destination(1)])])
    store.define(define(theirs))
    const director = start()
    expect(director.reload().ok).toBe(true)
    pass(director, 60_000)
    director.release()
    expect(kernel.done).toEqual([])
    expect(store.record.services).toEqual([])
    expect(sent.flat()).toEqual([])
  })

  it("has the health that keepalived's table shows", () => {
    const states = (inhibitOnFailure: boolean): string[] => {
      store.define(define({ ...theirs, inhibitOnFailure }))
      const director = start()
      director.reload()
      return director.status().health.map(({ server: name, state }) => `${name} ${state}`)
    }
    expect(states(false)).toEqual(["10.0.0.1:80 unknown", "10.0.0.2:80 unknown"])
    kernel = new FakeIpvs([held([destination(1)])])
    expect(states(false)).toEqual(["10.0.0.1:80 up", "10.0.0.2:80 down"])
    kernel = new FakeIpvs([held([destination(1), destination(2, 0)])])
    expect(states(true)).toEqual(["10.0.0.1:80 up", "10.0.0.2:80 down"])
  })

  it("is let go as keepalived would have made it when it was the agent's", () => {
    store.define(define(checked))
    const director = start()
    director.reload()
    director.report(report("up", 1, 2))
    director.override({ action: "drain", host: "rs1", by: "ann" })
    expect(weights()).toEqual({ rs1: 0, rs2: 1 })
    store.define(define({ ...theirs, scheduler: "rr" }))
    director.reload()
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    expect(kernel.table.map(({ scheduler }) => scheduler)).toEqual(["rr"])
    expect(store.record.services).toEqual([])
    for (const table of kernel.history.slice(-3)) expect(table).not.toEqual([])
  })

  it("comes back into the agent's hands as it is", () => {
    const both = held([destination(1), destination(2)])
    kernel = new FakeIpvs([both])
    store.define(define(theirs))
    const director = start()
    director.reload()
    store.define(define(service()))
    director.reload()
    expect(kernel.done).toEqual([])
    expect(store.record.services).toEqual([web])
  })

  it("is taken out by the agent when it goes together with all that keepalived has", () => {
    kernel = new FakeIpvs([held([destination(1)])])
    store.define(define(theirs))
    start().reload()
    expect(store.record.keepalived).toEqual([web])
    store.define(define())
    // An agent that was restarted in between, as a new one is, knows it from its disk.
    const director = start()
    expect(director.reload().ok).toBe(true)
    expect(store.record.keepalived).toBeUndefined()
    pass(director, 60_000)
    expect(kernel.table).toEqual([])
    expect(store.record.services).toEqual([])
  })

  it("is left to keepalived when it goes while keepalived has others", () => {
    const other = service({
      ...theirs,
      key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 81 },
    })
    kernel = new FakeIpvs([held([destination(1)])])
    store.define(define(theirs, other))
    const director = start()
    director.reload()
    store.define(define(other))
    director.reload()
    pass(director, 60_000)
    expect(kernel.done).toEqual([])
    expect(store.record.services).toEqual([])
  })
})

describe("a service that cannot be read", () => {
  const other = service({
    key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 81 },
  })
  const files = {
    named: { ...define(), services: [{ ...service(), scheduler: "best" }, other] },
    unnamed: {
      ...define(),
      services: [{ ...service(), key: { ...service().key, port: 65_536 } }, other],
    },
  }

  it.each(["named", "unnamed"] as const)(
    "stays in the kernel as it is, with a warning, while the others are applied: %s",
    (file) => {
      store.define(define(service()))
      const director = start()
      director.reload()
      store.text = JSON.stringify(files[file])
      const { ok, problems } = director.reload()
      expect({ ok, problems }).toMatchObject({
        ok: false,
        problems: [{ message: expect.stringMatching(/^services\[0\]/) as string }],
      })
      expect(director.status().warnings).toMatchObject([
        expect.stringMatching(/^a service is set aside: services\[0\]/),
      ])
      expect(weights(81)).toEqual({ rs1: 1, rs2: 1 })
      director.report(report("down", 1))
      pass(director, 60_000)
      expect(weights()).toEqual({ rs1: 1, rs2: 1 })
      expect(store.record.services).toEqual([web, web.replace(":80", ":81")])
    },
  )

  it("stays the agent's: it goes once the definition can be read and does not name it", () => {
    store.define(define(service()))
    start().reload()
    store.text = JSON.stringify(files.named)
    const director = start()
    director.reload()
    expect(weights()).toEqual({ rs1: 1, rs2: 1 })
    store.define(define(other))
    expect(director.reload()).toEqual({ ok: true, problems: [] })
    pass(director, 60_000)
    expect(weights()).toBeUndefined()
    expect(director.status().warnings).toEqual([])
  })
})

describe("a release", () => {
  it("takes out all that is the agent's, and nothing else", () => {
    kernel = new FakeIpvs([stranger])
    store.define(define(checked))
    const director = start()
    director.reload()
    expect(director.release()).toEqual([])
    expect(kernel.table).toEqual([stranger])
    expect(store.record.services).toEqual([])
    director.tick()
    expect(kernel.table).toEqual([stranger])
  })

  it("marks packets once their service is in the kernel, puts lost rules back, and takes all out at a release", () => {
    let heldThen = 0
    const write = tables.write.bind(tables)
    tables.write = (version, script) => {
      heldThen = kernel.table.length
      write(version, script)
    }
    store.define(define(marked()))
    const director = start()
    expect(director.reload()).toEqual({ ok: true, problems: [] })
    expect(heldThen).toBe(1)
    expect(director.status().marks).toEqual({ rules: markRules(define(marked())), intact: true })
    tables.flush(4)
    nowMs += 11_000
    director.tick()
    expect(lines).toContain("marking rules were missing or changed: put back")
    expect(director.status().marks?.rules).toHaveLength(2)
    expect(director.release()).toEqual([])
    expect(tables.read(4)).not.toContain("LBCTL")
    expect(director.status().marks).toBeUndefined()
  })

  it("fails a reload whose marking rules cannot be written, and goes on with all else", () => {
    tables.missing = true
    store.define(define(marked(), service()))
    const director = start()
    const { ok, problems } = director.reload()
    expect(ok).toBe(false)
    expect(problems[0]?.message).toContain("marking rules for IPv4")
    expect(kernel.table).toHaveLength(2)
    expect(director.status().warnings.join()).toContain("marking rules for IPv4")
  })

  it("marks for the services of keepalived too, which it does not make", () => {
    store.define(define(marked({ ipvs: "keepalived" })))
    const director = start()
    expect(director.reload().ok).toBe(true)
    expect(kernel.table).toEqual([])
    expect(director.status().marks?.rules).toHaveLength(2)
  })
})

import { beforeEach, describe, expect, it } from "vitest"
import type { RouterOrder } from "../../../src/agent/decide/router-order.ts"
import { Follower } from "../../../src/agent/vrrp/follower.ts"
import type { DesiredVrrp, DirectorState } from "../../../src/model/desired.ts"
import type { Override } from "../../../src/model/override.ts"
import type { StateChange } from "../../../src/model/state-change.ts"
import { FakeStore } from "../../fakes/agent-store.ts"
import { FakeIpvs } from "../../fakes/ipvs-kernel.ts"

const vrrp: DesiredVrrp = {
  cluster: "tokyo",
  instance: "tokyo",
  interface: "eth0",
  virtualRouterId: 51,
  priority: 150,
  advertIntervalMs: 1000,
  preempt: false,
  anchor: "169.254.255.51",
  vips: ["192.0.2.10"],
  source: "192.0.2.1",
  unicastPeers: [],
  directors: ["lb1", "lb2"],
  garpRefreshMs: 1000,
  lowestPeerPriority: 100,
}
const sync = { instance: "tokyo", interface: "eth1", id: 51 }
const state: DirectorState = { format: 1, services: [], vrrp: [vrrp], connectionSync: [] }

let kernel: FakeIpvs
let store: FakeStore
let nowMs: number
let master: boolean
let running: boolean
let sent: (readonly RouterOrder[])[]
let changes: StateChange[]
let overrides: readonly Override[]

beforeEach(() => {
  kernel = new FakeIpvs()
  store = new FakeStore()
  nowMs = 0
  master = true
  running = true
  sent = []
  changes = []
  overrides = []
})

function start(): Follower {
  return new Follower({
    kernel,
    store,
    keepalivedRuns: () => running,
    overrides: () => overrides,
    sendOrders: (orders) => sent.push(orders),
    addresses: () => [
      { interface: "eth0", address: "192.0.2.1", family: 4 },
      ...(master ? [{ interface: "eth0", address: "169.254.255.51", family: 4 } as const] : []),
    ],
    now: () => nowMs,
    log: () => undefined,
    note: (change) => changes.push(change),
  })
}

describe("Follower", () => {
  it("notes a change of state, and not the state it finds", () => {
    const follower = start()
    follower.poll(state)
    expect(changes).toEqual([])
    nowMs = 5000
    master = false
    follower.poll(state)
    follower.poll(state)
    expect(changes).toEqual([
      {
        at: "1970-01-01T00:00:05.000Z",
        kind: "vrrp",
        name: "tokyo",
        from: "MASTER",
        to: "BACKUP",
        message: "",
      },
    ])
  })

  it("tells who ordered a change of state, once", () => {
    const follower = start()
    follower.poll(state)
    follower.failover(vrrp, "failover by ann (fan)")
    for (const now of [false, true]) {
      master = now
      follower.poll(state)
    }
    expect(changes.map(({ to, message }) => [to, message])).toEqual([
      ["BACKUP", "failover by ann (fan)"],
      ["MASTER", ""],
    ])
  })

  it("takes a change long after an order for another one", () => {
    const follower = start()
    follower.poll(state)
    follower.failover(vrrp, "failover by ann")
    nowMs = 60_001
    master = false
    follower.poll(state)
    expect(changes).toMatchObject([{ to: "BACKUP", message: "" }])
  })

  it("makes the tracked file and tells the state and since when", () => {
    const follower = start()
    follower.poll(state)
    expect(store.files.get("tokyo")).toBe(0)
    nowMs = 5000
    master = false
    follower.poll(state)
    const since = "1970-01-01T00:00:05.000Z"
    expect(follower.status()).toEqual([
      { instance: "tokyo", state: "BACKUP", since, demoted: false, priority: 150 },
    ])
  })

  it("warns of VIPs that a dead keepalived left behind", () => {
    const follower = start()
    running = false
    follower.poll(state)
    expect(follower.status()[0]?.state).toBe("STOPPED")
    expect(follower.warnings[0]).toMatch(/still holds 169.254.255.51/)
  })

  it("hands over by the tracked file and comes back by itself", () => {
    const follower = start()
    follower.poll(state)
    expect(follower.failover(vrrp)).toBe("released")
    expect(store.files.get("tokyo")).toBe(-254)
    master = false
    for (const at of [1000, 2000, 3000, 4000]) {
      nowMs = at
      follower.poll(state)
    }
    expect(store.files.get("tokyo")).toBe(0)
    expect(follower.failover(vrrp)).toBeUndefined()
  })

  it("with preempt stays demoted over a restart until it is told to take back its priority", () => {
    const preempting = { ...vrrp, preempt: true }
    const first = start()
    first.poll({ ...state, vrrp: [preempting] })
    first.failover(preempting)
    master = false
    const second = start()
    second.poll({ ...state, vrrp: [preempting] })
    expect(second.status()[0]?.demoted).toBe(true)
    expect(store.files.get("tokyo")).toBe(-51)
    expect(second.failover(preempting)).toBe("restored")
    expect(store.files.get("tokyo")).toBe(0)
  })

  it("keeps the synchronisation daemon in step with VRRP", () => {
    const follower = start()
    const synced = { ...state, connectionSync: [sync] }
    follower.poll(synced)
    expect(kernel.daemons()).toMatchObject([{ role: "master", interface: "eth1", syncId: 51 }])
    master = false
    follower.poll(synced)
    expect(kernel.daemons()).toMatchObject([{ role: "backup", interface: "eth1", syncId: 51 }])
    follower.poll(state)
    expect(kernel.daemons()).toEqual([])
    expect(store.record.syncDaemons).toBe(false)
  })

  it("starts a daemon anew when its way changes, and only then", () => {
    const follower = start()
    const poll = (changes: object): void =>
      follower.poll({ ...state, connectionSync: [{ ...sync, ...changes }] })
    for (const changes of [{}, {}, { port: 8848, ttl: 1 }]) poll(changes)
    expect(kernel.starts).toBe(1)
    for (const changes of [{ port: 9000 }, { port: 9000 }, { group: "224.0.0.82" }, { ttl: 2 }])
      poll(changes)
    expect(kernel.starts).toBe(4)
    poll({ ttl: 2, maxlen: 1400 })
    expect(kernel.daemons()).toMatchObject([{ ttl: 2, maxlen: 1400, group: "224.0.0.81" }])
  })

  it("leaves daemons alone that nobody asked it for", () => {
    kernel.startDaemon({ role: "master", interface: "eth9", syncId: 1 })
    start().poll(state)
    expect(kernel.daemons()).toHaveLength(1)
  })
})

describe("Follower of the VRRP process", () => {
  const native: DesiredVrrp = { ...vrrp, driver: "native" }
  const own: DirectorState = { ...state, vrrp: [native] }
  const tell = (follower: Follower, report: "MASTER" | "BACKUP" | "FAULT") => {
    follower.hear([{ instance: "tokyo", state: report, sinceMs: nowMs }], ["tokyo: trouble"])
    follower.poll(own)
  }

  it("orders once what it is told, and knows nothing before a report", () => {
    const follower = start()
    follower.poll(own)
    follower.poll(own)
    expect(sent).toEqual([[{ vrrp: native, tracked: 0 }]])
    expect(follower.status()[0]?.state).toBe("STOPPED")
    tell(follower, "MASTER")
    expect(follower.status()[0]?.state).toBe("MASTER")
    expect(follower.warnings).toContain("tokyo: trouble")
  })

  it("does not order anything before a definition was loaded", () => {
    start().poll(undefined)
    expect(sent).toEqual([])
  })

  it("hands over at once, and takes the instance out of FAULT some adverts later", () => {
    const follower = start()
    tell(follower, "MASTER")
    expect(follower.failover(native)).toBe("released")
    expect(sent.at(-1)).toEqual([{ vrrp: native, tracked: -254 }])
    tell(follower, "FAULT")
    nowMs += 3000
    follower.poll(own)
    expect(sent.at(-1)).toEqual([{ vrrp: native, tracked: 0 }])
  })

  it("tells a new process all over again, and has it let go when all is released", () => {
    const follower = start()
    tell(follower, "MASTER")
    follower.retell()
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
    follower.poll(own)
    expect(follower.status()[0]?.state).toBe("STOPPED")
    follower.release()
    expect(sent.at(-1)).toEqual([])
  })

  it("leaves instances of keepalived to keepalived", () => {
    start().poll(state)
    expect(sent).toEqual([[]])
  })
})

describe("a priority that an operator gives", () => {
  const own = { ...vrrp, host: "lb1" }
  const named: DirectorState = { ...state, vrrp: [own] }
  const given = (host: string, priority: number): Override => ({
    action: "priority",
    host,
    cluster: "tokyo",
    priority,
    by: "ann",
    since: "2026-01-01T12:00:00.000Z",
  })

  it("is added by the tracked file, told, and taken back when it ends", () => {
    const follower = start()
    overrides = [given("lb1", 90)]
    follower.poll(named)
    expect(store.tracked("tokyo")).toBe(-60)
    expect(follower.status()).toMatchObject([{ demoted: false, priority: 90 }])
    overrides = [given("lb1", 200)]
    follower.poll(named)
    expect(store.tracked("tokyo")).toBe(50)
    overrides = []
    follower.poll(named)
    expect(store.tracked("tokyo")).toBe(0)
    expect(follower.status()).toMatchObject([{ demoted: false, priority: 150 }])
  })

  it("goes to the agent's own VRRP within the second", () => {
    const follower = start()
    const native: DirectorState = { ...state, vrrp: [{ ...own, driver: "native" }] }
    follower.poll(native)
    overrides = [given("lb1", 90)]
    follower.poll(native)
    expect(sent.map(([order]) => order?.tracked)).toEqual([0, -60])
  })

  it("is no affair of another director or cluster", () => {
    const follower = start()
    overrides = [given("lb2", 90), { ...given("lb1", 90), cluster: "osaka" }]
    follower.poll(named)
    expect(store.tracked("tokyo")).toBe(0)
  })

  it("is no handover to an agent that starts, even when it ended or changed meanwhile", () => {
    overrides = [given("lb1", 90)]
    start().poll(named)
    for (const later of [[given("lb1", 90)], [given("lb1", 200)], []]) {
      overrides = [given("lb1", 90)]
      start().poll(named)
      overrides = later
      const second = start()
      second.poll(named)
      expect(second.status()).toMatchObject([{ demoted: false }])
    }
    expect(store.tracked("tokyo")).toBe(0)
  })

  it("leaves a handover's demotion in force over a restart", () => {
    const preempting = { ...own, preempt: true }
    const follower = start()
    overrides = [given("lb1", 140), given("lb2", 60)]
    follower.poll({ ...state, vrrp: [preempting] })
    expect(follower.failover(preempting)).toBe("released")
    expect(store.tracked("tokyo")).toBe(59 - 150)
    master = false
    const second = start()
    second.poll({ ...state, vrrp: [preempting] })
    expect(second.status()).toMatchObject([{ demoted: true, priority: 59 }])
    second.failover(preempting)
    expect(store.tracked("tokyo")).toBe(-10)
  })
})

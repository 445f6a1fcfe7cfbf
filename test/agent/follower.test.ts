import { beforeEach, describe, expect, it } from "vitest"
import { Follower } from "../../src/agent/follower.ts"
import type { DesiredVrrp, DirectorState } from "../../src/model/desired.ts"
import type { StateChange } from "../../src/model/state-change.ts"
import { FakeStore } from "../fakes/agent-store.ts"
import { FakeIpvs } from "../fakes/ipvs-kernel.ts"

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
let changes: StateChange[]

beforeEach(() => {
  kernel = new FakeIpvs()
  store = new FakeStore()
  nowMs = 0
  master = true
  running = true
  changes = []
})

function start(): Follower {
  return new Follower({
    kernel,
    store,
    keepalivedRuns: () => running,
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

  it("makes the tracked file and tells the state and since when", () => {
    const follower = start()
    follower.poll(state)
    expect(store.files.get("tokyo")).toBe(0)
    nowMs = 5000
    master = false
    follower.poll(state)
    expect(follower.status()).toEqual([
      { instance: "tokyo", state: "BACKUP", since: "1970-01-01T00:00:05.000Z", demoted: false },
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

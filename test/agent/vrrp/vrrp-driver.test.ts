import { beforeEach, describe, expect, it } from "vitest"
import type { RouterOrder } from "../../../src/agent/decide/router-order.ts"
import type { LocalAddress } from "../../../src/agent/kernel/addresses.ts"
import type { RouterReport } from "../../../src/agent/messages.ts"
import { ethernetFrame, etherTypes } from "../../../src/agent/protocol/ethernet.ts"
import { encodeVrrp, parseVrrp } from "../../../src/agent/protocol/vrrp.ts"
import type { VrrpMemory, VrrpRecord } from "../../../src/agent/store/vrrp-memory.ts"
import { VrrpDriver } from "../../../src/agent/vrrp/vrrp-driver.ts"
import { addressBytes } from "../../../src/core/address.ts"
import { Failure } from "../../../src/core/failure.ts"
import type { DesiredVrrp } from "../../../src/model/desired.ts"

const own = "10.0.0.1"
const peer = "10.0.0.2"
const anchor = "169.254.255.51"
const vip = "10.0.0.100"
const vrrp: DesiredVrrp = {
  cluster: "tokyo",
  instance: "tokyo",
  interface: "eth0",
  virtualRouterId: 51,
  priority: 100,
  advertIntervalMs: 1000,
  preempt: false,
  driver: "native",
  anchor,
  vips: [vip],
  source: own,
  unicastPeers: [peer],
  directors: ["lb1", "lb2"],
  garpRefreshMs: 1000,
  lowestPeerPriority: 100,
}
const order: RouterOrder = { vrrp, tracked: 0 }
const released: RouterOrder = { vrrp, tracked: -254 }

/** A host with one interface: its addresses, what was sent, what is to be heard, what the VRRP process remembers. */
class Host {
  nowMs = 100_000
  addresses = new Set([own])
  sent: string[] = []
  announced: string[][] = []
  frames: Uint8Array[] = []
  reports: readonly RouterReport[] = []
  warnings: readonly string[] = []
  record: VrrpRecord = { format: 1, orders: [], made: [] }
  readonly marks = new Map<string, number>()
  readonly lines: string[] = []
  refuses = false

  driver(): VrrpDriver {
    return new VrrpDriver({
      open: () => ({
        fd: 3,
        send: (payload, destination) => {
          const parsed = parseVrrp(payload, { source: own, destination })
          if (!parsed.ok) throw new Error(parsed.error)
          const { version, priority } = parsed.value
          this.sent.push(`v${version} ${priority} to ${destination}`)
          return undefined
        },
        read: () => this.frames.splice(0),
        close: () => undefined,
      }),
      announce: (_, addresses) => void this.announced.push([...addresses]),
      held: () => [...this.addresses].map(localAddress),
      change: (action, _, addresses) => {
        if (this.refuses) throw new Failure("failed", "no permission")
        const isThere = (address: string) => this.addresses.has(address) === (action === "add")
        const already = addresses.filter(isThere)
        const done = addresses.filter((address) => !isThere(address))
        for (const address of done)
          if (action === "add") this.addresses.add(address)
          else this.addresses.delete(address)
        return { done, already, refused: [] }
      },
      memory: this.#memory(),
      clock: () => this.nowMs,
      now: () => this.nowMs,
      log: (line) => this.lines.push(line),
      report: (reports, warnings) => Object.assign(this, { reports, warnings }),
    })
  }

  /** An advert of the peer that lies in the socket. */
  hear(priority: number, version: 2 | 3 = 3): void {
    const payload = encodeVrrp(
      { version, virtualRouterId: 51, priority, advertIntervalMs: 1000, addresses: [anchor] },
      { source: peer, destination: own },
    )
    const packet = new Uint8Array(20 + payload.length)
    packet.set([0x45, 0xc0, 0, packet.length, 0, 0, 0, 0, 255, 112])
    packet.set(addressBytes(peer), 12)
    packet.set(addressBytes(own), 16)
    packet.set(payload, 20)
    const [to, from] = ["02:00:00:00:00:01", "02:00:00:00:00:02"]
    this.frames.push(ethernetFrame(to, from, etherTypes.ipv4, packet))
  }

  run(driver: VrrpDriver, forMs: number): void {
    const end = this.nowMs + forMs
    for (; this.nowMs < end; this.nowMs += 100) driver.wake()
    driver.wake()
  }

  get state(): string | undefined {
    return this.reports[0]?.state
  }

  get vips(): string[] {
    return [...this.addresses].filter((address) => address !== own)
  }

  #memory(): VrrpMemory {
    return {
      record: () => structuredClone(this.record),
      save: (record) => (this.record = structuredClone(record)),
      sentAtMs: (instance) => this.marks.get(instance),
      markSent: (instance, atMs) => {
        if (atMs === undefined) this.marks.delete(instance)
        else this.marks.set(instance, atMs)
      },
    }
  }
}

function localAddress(address: string): LocalAddress {
  const mac = "02:00:00:00:00:01"
  return { interface: "eth0", address, family: 4, prefixLength: 32, mac }
}

let host: Host
let driver: VrrpDriver
beforeEach(() => {
  host = new Host()
  driver = host.driver()
})

function becomeMaster(): void {
  driver.configure([order])
  host.run(driver, 4000)
  expect(host.state).toBe("MASTER")
}

describe("VrrpDriver", () => {
  it("becomes master where nobody speaks: advert, addresses, announcement, record", () => {
    driver.configure([order])
    host.run(driver, 3500)
    expect(host).toMatchObject({ state: "BACKUP", vips: [], sent: [] })
    host.run(driver, 200)
    expect(host).toMatchObject({ state: "MASTER", vips: [anchor, vip] })
    expect(host.sent).toEqual([`v3 100 to ${peer}`])
    expect(host.announced).toEqual([[anchor, vip]])
    expect(host.record.made[0]?.addresses).toEqual([anchor, vip])
  })

  it("stays backup while its master is heard, also after it was stopped for long", () => {
    driver.configure([order])
    host.run(driver, 1000)
    host.nowMs += 60_000
    host.hear(150)
    host.run(driver, 3000)
    expect(host.state).toBe("BACKUP")
  })

  it("takes no notice of what is broken, and says so", () => {
    driver.configure([order])
    for (let at = 0; at < 4000; at += 500) {
      host.hear(150)
      host.frames = host.frames.map((frame) => frame.with(frame.length - 1, 1))
      host.run(driver, 500)
    }
    expect(host.state).toBe("MASTER")
    expect(host.lines).toContain("tokyo: a packet was refused: the checksum is wrong")
  })

  it("lets go for a better master and for a handover, and comes back to backup after one", () => {
    becomeMaster()
    host.hear(150)
    driver.wake()
    expect(host).toMatchObject({ state: "BACKUP", vips: [] })
    host.run(driver, 4000)
    expect(host.state).toBe("MASTER")
    host.sent = []
    driver.configure([released])
    driver.wake()
    expect(host).toMatchObject({ state: "FAULT", vips: [], sent: [`v3 0 to ${peer}`] })
    driver.configure([order])
    driver.wake()
    expect(host.state).toBe("BACKUP")
  })

  it("gives its addresses to the peer when it is stopped", () => {
    becomeMaster()
    driver.stop()
    expect(host.vips).toEqual([])
    expect(host.sent.at(-1)).toBe(`v3 0 to ${peer}`)
    expect(host.record.made).toEqual([])
  })

  it("is in FAULT without its own address, and holds nothing then", () => {
    becomeMaster()
    host.addresses.delete(own)
    host.run(driver, 600)
    expect(host).toMatchObject({ state: "FAULT", vips: [] })
    host.addresses.add(own)
    host.run(driver, 600)
    expect(host.state).toBe("BACKUP")
  })

  it("adds a new VIP, removes one that is gone, and announces, without a change of state", () => {
    becomeMaster()
    host.announced = []
    driver.configure([{ ...order, vrrp: { ...vrrp, vips: ["10.0.0.101"] } }])
    expect(host.vips.sort()).toEqual(["10.0.0.101", anchor])
    expect(host.announced).toEqual([[anchor, "10.0.0.101"]])
    driver.wake()
    expect(host.state).toBe("MASTER")
  })

  it("starts anew as another virtual router", () => {
    becomeMaster()
    driver.configure([{ ...order, vrrp: { ...vrrp, virtualRouterId: 52 } }])
    driver.wake()
    expect(host).toMatchObject({ state: "BACKUP", vips: [] })
  })

  it("lets go of instances that are no longer its own", () => {
    becomeMaster()
    driver.configure([])
    driver.wake()
    expect(host).toMatchObject({ vips: [], reports: [] })
  })

  it("puts back what somebody took from the master", () => {
    becomeMaster()
    host.addresses.delete(vip)
    host.run(driver, 600)
    expect(host.vips).toContain(vip)
  })

  it("never removes an address that it did not add, and warns of it", () => {
    host.addresses.add(vip)
    driver.configure([order])
    host.run(driver, 600)
    expect(host.warnings[0]).toMatch(/this host holds 10.0.0.100, which the agent did not add/)
    host.run(driver, 4000)
    driver.stop()
    expect(host.vips).toEqual([vip])
  })

  it("says what the kernel refuses, and tries again", () => {
    host.refuses = true
    becomeMaster()
    expect(host.warnings).toEqual(["tokyo: no permission"])
    host.refuses = false
    host.run(driver, 600)
    expect(host).toMatchObject({ vips: [anchor, vip], warnings: [] })
  })

  it("answers a neighbour of VRRPv2 in its version too", () => {
    driver.configure([order])
    driver.wake()
    host.hear(90, 2)
    host.run(driver, 4000)
    expect(host.sent.slice(0, 2)).toEqual([`v3 100 to ${peer}`, `v2 100 to ${peer}`])
  })
})

describe("a VRRP process that was killed", () => {
  it("goes on as master when its peer cannot have taken over yet", () => {
    becomeMaster()
    host.nowMs += 2500
    host.sent = []
    driver = host.driver()
    driver.wake()
    expect(host).toMatchObject({ state: "MASTER", vips: [anchor, vip] })
    expect(host.sent).toEqual([`v3 100 to ${peer}`])
  })

  it("lets go of what it held when its peer may hold it now", () => {
    becomeMaster()
    host.nowMs += 3100
    driver = host.driver()
    driver.wake()
    expect(host).toMatchObject({ state: "BACKUP", vips: [] })
  })

  it("lets go of what instances of the past held", () => {
    becomeMaster()
    host.record = { ...host.record, orders: [] }
    host.driver().wake()
    expect(host.vips).toEqual([])
  })

  it("that was backup starts as backup", () => {
    driver.configure([order])
    host.run(driver, 500)
    driver = host.driver()
    driver.wake()
    expect(host.state).toBe("BACKUP")
  })
})

import { describe, expect, it } from "vitest"
import type { AdvertPath, RouterOrder } from "../../../src/agent/decide/router-order.ts"
import {
  advertDestinations,
  isForRouter,
  mayResume,
  mustLetGo,
  routerAddresses,
  routerSettings,
} from "../../../src/agent/decide/router-order.ts"

const order = (more: object = {}, tracked = 0): RouterOrder => ({
  vrrp: {
    cluster: "tokyo",
    instance: "tokyo",
    interface: "eth0",
    virtualRouterId: 51,
    priority: 100,
    advertIntervalMs: 1000,
    preempt: false,
    driver: "native",
    anchor: "169.254.255.51",
    vips: ["10.0.0.100"],
    source: "10.0.0.1",
    unicastPeers: ["10.0.0.2"],
    directors: ["lb1", "lb2"],
    garpRefreshMs: 1000,
    lowestPeerPriority: 90,
    ...more,
  },
  tracked,
})
const heard = (more: Partial<AdvertPath> = {}): AdvertPath => ({
  virtualRouterId: 51,
  source: "10.0.0.2",
  destination: "10.0.0.1",
  ...more,
})
const multicast = order({ unicastPeers: [] })
const group = "224.0.0.18"

describe("routerSettings", () => {
  it.each([
    [100, 0, 100],
    [100, -11, 89],
    [100, -200, 1],
    [255, -11, 255],
  ])("with priority %i and %i tracked has %i", (priority, tracked, effective) => {
    expect(routerSettings(order({ priority }, tracked)).priority).toBe(effective)
  })

  it("never announces again without a refresh", () => {
    expect(routerSettings(order({ garpRefreshMs: 0 })).announceEveryMs).toBe(Infinity)
  })
})

describe("an order", () => {
  it("lets go at -254, where keepalived has FAULT", () => {
    expect([-253, -254, -255].map((tracked) => mustLetGo(order({}, tracked)))).toEqual([
      false,
      true,
      true,
    ])
  })

  it("names each address once, the anchor first", () => {
    const vips = ["10.0.0.100", "169.254.255.51"]
    expect(routerAddresses(order({ vips }))).toEqual(["169.254.255.51", "10.0.0.100"])
  })

  it("sends to its peers, or to the group", () => {
    expect(advertDestinations(order(), group)).toEqual(["10.0.0.2"])
    expect(advertDestinations(multicast, group)).toEqual([group])
  })
})

describe("isForRouter", () => {
  it.each([
    ["a peer's", order(), heard(), true],
    ["another router's", order(), heard({ virtualRouterId: 52 }), false],
    ["a stranger's", order(), heard({ source: "10.0.0.9" }), false],
    ["a peer's to the group", order(), heard({ destination: group }), false],
    ["anybody's to the group", multicast, heard({ source: "10.0.0.9", destination: group }), true],
    ["its own", multicast, heard({ source: "10.0.0.1", destination: group }), false],
    ["a peer's to itself alone", multicast, heard(), false],
  ])("of %s advert", (_, to, what, expected) => {
    expect(isForRouter(to, what, group)).toBe(expected)
  })

  it("knows a peer in any spelling", () => {
    const own = order({ source: "fd00::1", unicastPeers: ["fd00:0::2"] })
    expect(isForRouter(own, heard({ source: "fd00::2", destination: "fd00::1" }), "ff02::12")).toBe(
      true,
    )
  })
})

describe("mayResume", () => {
  it.each([
    [undefined, false],
    [0, true],
    [2999, true],
    [3000, false],
    [-5, false],
  ])("%s ms after the last advert: %s", (ago, expected) => {
    const nowMs = 50_000
    expect(mayResume(order(), ago === undefined ? undefined : nowMs - ago, nowMs)).toBe(expected)
  })
})

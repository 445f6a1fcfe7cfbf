import { describe, expect, it } from "vitest"
import { pairAtomic, planVrrp } from "../../src/plan/vrrp.ts"
import { vrrp } from "./fixtures.ts"

describe("planVrrp()", () => {
  it("names the driver when it changes", () => {
    expect(planVrrp([vrrp({ driver: "native" })], [vrrp()]).map(({ meaning }) => meaning)).toEqual([
      "driver keepalived -> native",
    ])
  })

  it("finds nothing between equal instances", () => {
    expect(planVrrp([vrrp()], [vrrp()])).toEqual([])
  })

  it("tells each difference in keepalived's words", () => {
    const meanings = planVrrp(
      [vrrp({ priority: 90, advertIntervalMs: 500, vips: ["10.77.0.101"] })],
      [vrrp()],
    ).map((change) => change.meaning)
    expect(meanings).toEqual([
      "priority 150 -> 90",
      "advert_int 1s -> 500ms",
      "VIP 10.77.0.101 is added",
      "VIP 10.77.0.100 is removed",
    ])
  })
})

describe("pairAtomic()", () => {
  it("warns of what makes both directors hold the VIPs meanwhile", () => {
    expect(
      pairAtomic("lb1", [vrrp({ virtualRouterId: 52, unicastPeers: [] })], [vrrp()]).map(
        (notice) => notice.message,
      ),
    ).toEqual([
      "demo: a new virtual_router_id makes both directors hold the VIPs until the second one has it too",
      "demo: a new unicast makes both directors hold the VIPs until the second one has it too",
    ])
    expect(pairAtomic("lb1", [vrrp({ priority: 90 })], [vrrp()])).toEqual([])
  })
})

import { describe, expect, it } from "vitest"
import { planKeepalived } from "../../src/plan/keepalived-words.ts"
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

  it("tells each of keepalived's own words that changes", () => {
    const words = {
      version: 3,
      garpMasterDelayMs: 1000,
      definitions: [{ head: "vrrp_script demo_up", lines: ['script "/bin/up"', "interval 2"] }],
      lines: ["preempt_delay 30", "smtp_alert true"],
      blocks: [
        { head: "track_interface", lines: ["eth1 weight -60", "eth2"] },
        { head: "virtual_routes", lines: ["192.0.2.0/24 via 10.0.0.1"] },
      ],
      scripts: true,
    } as const
    const after = {
      ...words,
      version: 2,
      definitions: [{ head: "vrrp_script demo_up", lines: ['script "/bin/up"', "interval 3"] }],
      lines: ["preempt_delay 60"],
      blocks: [
        { head: "track_interface", lines: ["eth1 weight -50"] },
        { head: "virtual_routes", lines: ["192.0.2.0/24 via 10.0.0.2"] },
      ],
    } as const
    const meanings = planVrrp([vrrp({ keepalived: after })], [vrrp({ keepalived: words })]).map(
      (change) => change.meaning,
    )
    expect(meanings).toEqual([
      "version 3 -> 2",
      "preempt_delay 30 -> 60",
      "smtp_alert true is removed",
      "track_interface eth1 weight -60 -> weight -50",
      "track_interface eth2 is removed",
      "virtual_routes 192.0.2.0/24 via 10.0.0.1 is removed",
      "virtual_routes 192.0.2.0/24 via 10.0.0.2 is added",
      'vrrp_script demo_up script "/bin/up", interval 2 -> script "/bin/up", interval 3',
    ])
  })
})

describe("planKeepalived()", () => {
  const state = { format: 1, services: [], vrrp: [], connectionSync: [] } as const

  it("tells what changes of global_defs and of static addresses, routes and rules", () => {
    const before = {
      ...state,
      globalDefs: ["notification_email {", "    a@example.net", "}", "smtp_server 192.0.2.25"],
      statics: [{ head: "static_routes", lines: ["192.0.2.0/24 via 10.0.0.1"] }],
    }
    const after = {
      ...state,
      globalDefs: ["notification_email {", "    b@example.net", "}", "smtp_server 192.0.2.26"],
    }
    expect(planKeepalived(after, before).map(({ meaning }) => meaning)).toEqual([
      "notification_email a@example.net is removed",
      "notification_email b@example.net is added",
      "smtp_server 192.0.2.25 -> 192.0.2.26",
      "static_routes 192.0.2.0/24 via 10.0.0.1 is removed",
    ])
    expect(planKeepalived(after, after)).toEqual([])
    const group = (clusters: readonly string[]) => ({
      ...state,
      statics: [
        {
          head: "vrrp_sync_group g",
          lines: ["group {", ...clusters.map((name) => `    ${name}`), "}", "smtp_alert true"],
        },
      ],
    })
    const meanings = planKeepalived(group(["a", "c"]), group(["a", "b"]))
    expect(meanings.map(({ meaning }) => meaning)).toEqual([
      "vrrp_sync_group g b is removed",
      "vrrp_sync_group g c is added",
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
    const older = {
      version: 2,
      garpMasterDelayMs: 1000,
      definitions: [],
      lines: [],
      blocks: [],
      scripts: false,
    } as const
    expect(pairAtomic("lb1", [vrrp({ keepalived: older })], [vrrp()])).toHaveLength(1)
    expect(pairAtomic("lb1", [vrrp({ priority: 90 })], [vrrp()])).toEqual([])
  })
})

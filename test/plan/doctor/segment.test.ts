import { describe, expect, it } from "vitest"
import type { Segment } from "../../../src/model/doctor.ts"
import { segmentChecks } from "../../../src/plan/doctor/segment.ts"
import { foundBy, director, messages, realServer, vip, ward } from "./ward.ts"

const link = (mac: string) => [{ name: "eth0", mac, up: true, mtu: 1500 }]
const addresses = [
  { address: "10.77.0.11", prefix: 24, device: "eth0" },
  { address: vip, prefix: 32, device: "eth0" },
]
const hosts = [
  director("lb1", { observed: { links: link("02:00:00:00:00:11"), addresses } }),
  director("lb2", { observed: { links: link("02:00:00:00:00:12") } }),
  realServer(),
]
const hearing = (parts: Partial<Segment>) => ({
  ...ward(...hosts),
  segments: [{ host: "lb2", interface: "eth0", answers: [], adverts: [], ...parts }],
})
const answer = (...macs: readonly string[]) => hearing({ answers: [{ address: vip, macs }] })
const advert = (source: string, virtualRouterId: number) =>
  hearing({ adverts: [{ source, virtualRouterId, priority: 100 }] })

describe("the doctor on a segment", () => {
  it("N06 takes the answer of the director that holds the VIP for right", () => {
    expect(messages(segmentChecks, "N06", answer("02:00:00:00:00:11"))).toEqual([])
  })

  it("N06 names the real server that answers too", () => {
    const heard = answer("02:00:00:00:00:11", "02:00:00:00:00:21")
    expect(foundBy(segmentChecks, "N06", heard)).toEqual([
      {
        host: "rs1",
        message: `answers for the VIP ${vip} (02:00:00:00:00:21)`,
        cure: "lbctl apply prod --limit rs1",
      },
    ])
  })

  it("N06 tells the MAC of a host that was not looked at, unmanaged real servers among them, once", () => {
    const once = answer("02:00:00:00:00:99")
    const twice = { ...once, segments: [...once.segments, ...once.segments] }
    expect(messages(segmentChecks, "N06", twice)).toEqual([
      `02:00:00:00:00:99: a host that lbctl does not manage answers for the VIP ${vip}`,
    ])
  })

  it("N06 and V04 take nobody for a stranger while a director was not looked at", () => {
    const some = { patients: [hosts[1], hosts[2]].flatMap((one) => one ?? []) }
    expect(messages(segmentChecks, "N06", { ...answer("02:00:00:00:00:99"), ...some })).toEqual([])
    expect(messages(segmentChecks, "N06", { ...answer("02:00:00:00:00:21"), ...some })).toEqual([
      `rs1: answers for the VIP ${vip} (02:00:00:00:00:21)`,
    ])
    expect(messages(segmentChecks, "V04", { ...advert("10.77.0.77", 51), ...some })).toEqual([])
  })

  it("V04 finds a stranger under the cluster's number, and names a free one", () => {
    const [found] = foundBy(segmentChecks, "V04", advert("10.77.0.77", 51))
    expect(found?.message).toBe(
      "10.77.0.77 speaks VRRP on eth0 under 51, the number of demo, with priority 100",
    )
    expect(found?.cure).toContain("nobody was heard under 1")
  })

  it("V04 leaves the cluster's own directors, other numbers and the other family alone", () => {
    for (const heard of [
      advert("10.77.0.11", 51),
      advert("10.77.0.12", 51),
      advert("10.77.0.77", 52),
      advert("fe80::77", 51),
    ])
      expect(messages(segmentChecks, "V04", heard)).toEqual([])
  })
})

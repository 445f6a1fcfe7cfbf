import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { clusterChecks } from "../../../src/plan/doctor/cluster.ts"
import { director, messages, realServer, vip, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(clusterChecks, id, ward(...hosts))
const holdsVip = {
  observed: {
    addresses: [{ address: vip, prefix: 32, device: "eth0" }],
  },
}

describe("the doctor on clusters", () => {
  it("V06 wants one holder of each VIP", () => {
    expect(found("V06", director("lb1"), director("lb2"))).toEqual([])
    expect(found("V06", director("lb1"), director("lb2", holdsVip))).toEqual([
      `lb1: lb1 and lb2 both hold the VIP ${vip}`,
    ])
    const bare = { observed: { addresses: [] } }
    expect(found("V06", director("lb1", bare), director("lb2"))).toEqual([
      `lb1: no director holds the VIP ${vip}`,
    ])
  })

  it("V06 does not say that nobody holds a VIP when a director was not asked", () => {
    expect(found("V06", director("lb2"))).toEqual([])
  })

  it("V10 compares the clocks of a cluster's directors", () => {
    const late = director("lb2", { examined: { clockMs: 30_000 } })
    expect(found("V10", director("lb1"), late)).toEqual([
      "lb2: its clock is 30 s ahead of that of lb1",
    ])
    expect(found("V10", director("lb1"), director("lb2", { examined: { clockMs: 1500 } }))).toEqual(
      [],
    )
  })

  it("V11 finds another owner of the table", () => {
    const units = new Map([
      ["ipvsadm", { enabled: true, running: false }],
      ["ldirectord", { enabled: false, running: true }],
      ["kube-proxy", { enabled: false, running: false }],
    ])
    expect(found("V11", director("lb1", { examined: { units } }))).toEqual([
      "lb1: ipvsadm is enabled",
      "lb1: ldirectord is running",
    ])
  })

  it("I01 counts what an apply would change", () => {
    const sysctls = { "net.ipv4.conf.all.arp_ignore": "1" }
    const observed = { sysctls: { "net.ipv4.conf.all.arp_ignore": "0" } }
    expect(found("I01", realServer({ sysctls, observed }))).toEqual([
      "rs1: differs from its definition in 1 point, first sysctl net.ipv4.conf.all.arp_ignore",
    ])
    expect(found("I01", realServer())).toEqual([])
  })

  it("I07 names a service in the table that is not lbctl's", () => {
    const key = { kind: "address", protocol: "tcp", address: "192.0.2.9", port: 25 } as const
    const left = { key, scheduler: "rr", flags: [], onePacket: false, destinations: [] } as const
    expect(found("I07", director("lb1", { observed: { table: [left] } }))).toEqual([
      "lb1: virtual service tcp 192.0.2.9:25 is in the kernel and not lbctl's",
    ])
  })

  it("A02 tells of a disk that is nearly full", () => {
    const full = { observed: { facts: { disk_free_kib: "20480" } } }
    expect(found("A02", realServer(full))).toEqual(["rs1: 20 MiB are free in /var/lib"])
    expect(found("A02", realServer({ observed: { facts: {} } }))).toEqual([])
  })
})

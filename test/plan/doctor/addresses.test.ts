import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { addressChecks } from "../../../src/plan/doctor/addresses.ts"
import { director, messages, realServer, vip, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(addressChecks, id, ward(...hosts))
const holding = (...more: readonly { address: string; prefix: number; device: string }[]) =>
  realServer({
    observed: { addresses: [{ address: "10.77.0.21", prefix: 24, device: "eth0" }, ...more] },
  })
const own = { address: vip, prefix: 32, device: "lo" }

describe("the doctor on addresses", () => {
  it("finds nothing on healthy hosts", () => {
    const hosts = ward(director("lb1"), director("lb2"), realServer())
    expect(addressChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("N01 finds a VIP that a real server lacks, or has elsewhere only", () => {
    const words = [`rs1: does not hold the VIP ${vip}/32 on lo`]
    expect(found("N01", holding())).toEqual(words)
    expect(found("N01", holding({ ...own, device: "eth0" }))).toEqual(words)
  })

  it("N02 finds a VIP with another prefix, also beside the right one", () => {
    expect(found("N02", holding(own, { ...own, prefix: 24 }))).toEqual([
      `rs1: holds the VIP ${vip} with the prefix /24 on lo`,
    ])
  })

  it("N03 finds a VIP on an interface to a network", () => {
    expect(found("N03", holding(own, { ...own, device: "eth0" }))).toEqual([
      `rs1: holds the VIP ${vip} on eth0 instead of lo`,
    ])
  })

  it("N04 finds a VIP that the kernel does not use", () => {
    const flagged = [
      { device: "eth0", address: vip, flag: "dadfailed" },
      { device: "eth0", address: "fe80::1", flag: "tentative" },
    ]
    expect(found("N04", realServer({ examined: { flagged } }))).toEqual([
      `rs1: the VIP ${vip} on eth0 is dadfailed`,
    ])
  })

  it("N05 finds a VIP that was left behind, and takes no other address for one", () => {
    const others = [
      { address: "127.0.0.53", prefix: 32, device: "lo" },
      { address: "::1", prefix: 128, device: "lo" },
      { address: "10.9.0.1", prefix: 24, device: "lo" },
      { address: "10.77.0.21", prefix: 32, device: "lo" },
    ]
    expect(found("N05", holding(own, ...others))).toEqual([])
    expect(found("N05", holding(own, { ...own, address: "192.0.2.9" }))).toEqual([
      "rs1: holds 192.0.2.9 on lo, which is no VIP of its services",
    ])
  })

  it("N09 tells an interface that is down from one that there is not", () => {
    const link = { name: "eth0", mac: "", up: false, mtu: 1500 }
    expect(found("N09", director("lb1", { observed: { links: [link] } }))).toEqual([
      "lb1: the interface eth0 is down",
    ])
    expect(found("N09", director("lb1", { observed: { links: [] } }))).toEqual([
      "lb1: there is no interface eth0",
    ])
  })
})

import { describe, expect, it } from "vitest"
import { offloadChecks, receiversToAsk } from "../../../src/plan/doctor/offload.ts"
import { vrrp } from "../fixtures.ts"
import { director, foundBy, messages, realServer, servicesBy, ward } from "./ward.ts"

describe("N15 of the doctor", () => {
  it("tells of NICs that merge segments, and how to stop it", () => {
    const offload = [
      { interface: "eth0", device: "eth0", largeReceive: true },
      { interface: "bond0.5", device: "eth1", largeReceive: true },
      { interface: "bond0.5", device: "eth2", largeReceive: false },
    ]
    const hosts = ward(director("lb1", { examined: { offload } }))
    expect(messages(offloadChecks, "N15", hosts)).toEqual([
      "lb1: eth0 merges received segments: large-receive-offload is on",
      "lb1: eth1 below bond0.5 merges received segments: large-receive-offload is on",
    ])
    expect(foundBy(offloadChecks, "N15", hosts)[0]?.cure).toMatch(
      /^ethtool -K eth0 lro off on lb1, and LargeReceiveOffload=no /,
    )
  })

  it("finds nothing where nobody told of a NIC", () => {
    expect(messages(offloadChecks, "N15", ward(director("lb1"), realServer()))).toEqual([])
  })

  it("asks for the clusters' interfaces, and for those towards real servers of nat", () => {
    const addresses = [
      { address: "10.77.0.11", prefix: 24, device: "eth0" },
      { address: "10.88.0.1", prefix: 24, device: "bond0.5" },
      { address: "10.99.0.1", prefix: 24, device: "eth9" },
    ]
    const asked = (forwarding: "nat" | "dr") => {
      const services = servicesBy(forwarding, "10.88.0.21")
      return receiversToAsk(director("lb1", { observed: { addresses } }, { services }).input)
    }
    expect(asked("nat")).toEqual(["eth0", "bond0.5"])
    expect(asked("dr")).toEqual(["eth0"])
    expect(receiversToAsk(realServer().input)).toEqual([])
    const odd = director("lb1", {}, { vrrp: [vrrp({ interface: "e$0" })] })
    expect(receiversToAsk(odd.input)).toEqual([])
  })
})

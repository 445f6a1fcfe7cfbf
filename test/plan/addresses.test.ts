import { describe, expect, it } from "vitest"
import { planAddresses, planAddressRemovals } from "../../src/plan/addresses.ts"
import { bundle, observed } from "./fixtures.ts"

const vip = { address: "10.77.0.100", prefix: 32, device: "lo" }

describe("planAddresses()", () => {
  it("adds a VIP that was taken off the loopback, and nothing twice", () => {
    expect(
      planAddresses(bundle({ addresses: [vip] }), observed()).map((planned) => planned.operation),
    ).toEqual([{ op: "address-add", cidr: "10.77.0.100/32", device: "lo" }])
    expect(planAddresses(bundle({ addresses: [vip] }), observed({ addresses: [vip] }))).toEqual([])
  })

  it("does not take the same address with another prefix for the VIP", () => {
    expect(
      planAddresses(
        bundle({ addresses: [vip] }),
        observed({ addresses: [{ ...vip, prefix: 24 }] }),
      ),
    ).toHaveLength(1)
  })
})

describe("planAddressRemovals()", () => {
  it("removes only what lbctl put there", () => {
    const stranger = { address: "10.77.0.200", prefix: 32, device: "lo" }
    const now = observed({
      addresses: [vip, stranger],
      owned: { files: [], sysctls: [], addresses: [vip], units: [], linksUp: [] },
    })
    expect(planAddressRemovals(bundle(), now).map((planned) => planned.change.subject)).toEqual([
      "10.77.0.100/32",
    ])
  })
})

import { describe, expect, it } from "vitest"
import { policiesOf, rolloutChoice } from "../../src/cli/rollout-choice.ts"
import { fleetOf } from "../compile/fixtures.ts"

const usual = { confirmTimeout: "30s", hooks: true, hookTimeout: "60s", lockWait: "0s" }
const choice = (flags: object) => rolloutChoice({ ...usual, ...flags })

describe("the flags on how to go over the hosts", () => {
  it("leave all to clusters.yml unless given", () => {
    expect(choice({})).toEqual({})
  })

  it("name canaries and their time", () => {
    expect(choice({ canary: "rs1, lb2,", soak: "2m" })).toEqual({
      canary: ["rs1", "lb2"],
      soakMs: 120_000,
    })
  })

  it("say either way whether to hand over", () => {
    expect(choice({ handover: true })).toEqual({ handover: true })
    expect(choice({ handover: false })).toEqual({ handover: false })
  })

  it.each([{ canary: "," }, { soak: "61m" }, { soak: "30" }])("refuse %j as bad input", (flags) => {
    expect(() => choice(flags)).toThrow(expect.objectContaining({ code: "input" }))
  })
})

describe("how to go over a fleet", () => {
  const { fleet } = fleetOf({
    clusters: `
clusters:
  tokyo:
    directors: lb
    real_servers: web
    vrrp: { interface: eth0, virtual_router_id: 51 }
    rollout:
      serial: [1, 25%]
      canary: [rs1]
      soak: 5s
      max_fail_percentage: 10
      handover: true
`,
  })

  it("is what clusters.yml says of each cluster", () => {
    expect(policiesOf(fleet, {}).clusters.get("tokyo")).toEqual({
      serial: [{ hosts: 1 }, { percent: 25 }],
      canary: ["rs1"],
      soakMs: 5000,
      maxFail: { percent: 10 },
      handover: true,
    })
  })

  it("stops at the first failure with any_errors_fatal, whatever the percentage", () => {
    const clusters = `
clusters:
  tokyo:
    directors: lb
    real_servers: web
    vrrp: { interface: eth0, virtual_router_id: 51 }
    rollout: { max_fail_percentage: 50, any_errors_fatal: true }
`
    const policies = policiesOf(fleetOf({ clusters }).fleet, {})
    expect(policies.clusters.get("tokyo")?.maxFail).toEqual({ percent: 0 })
  })

  it("refuses a canary that is no host, with the nearest", () => {
    expect(() => policiesOf(fleet, { canary: ["rs1", "sr2"] })).toThrow(
      expect.objectContaining({ code: "input", hint: "did you mean rs2?" }),
    )
  })
})

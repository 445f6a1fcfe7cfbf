import { describe, expect, it } from "vitest"
import { clusterOf } from "../../src/cli/commands/set-priority.ts"
import { fleetOf, tokyoClusters } from "../compile/fixtures.ts"

const osaka = `
  osaka:
    directors: lb
    real_servers: web
    vrrp: { interface: eth0, virtual_router_id: 52, priority: { lb1: 100, lb2: 90 } }
`

describe("the cluster of set-priority", () => {
  const { fleet } = fleetOf()
  const both = fleetOf({ clusters: `${tokyoClusters}${osaka}` })

  it("is the director's only one", () => {
    expect(clusterOf({ fleet }, "lb1", undefined).name).toBe("tokyo")
  })

  it("is named where there are several", () => {
    expect(() => clusterOf(both, "lb1", undefined)).toThrow("lb1 is a director of osaka and tokyo")
    expect(clusterOf(both, "lb1", "osaka").name).toBe("osaka")
  })

  it("is refused where the director is not known, or is none of it", () => {
    expect(() => clusterOf({ fleet }, "rs1", undefined)).toThrow("rs1 is no director")
    expect(() => clusterOf({ fleet }, "lb1", "kyoto")).toThrow("lb1 is no director of kyoto")
  })
})

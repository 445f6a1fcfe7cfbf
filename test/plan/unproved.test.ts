import { describe, expect, it } from "vitest"
import type { DesiredService } from "../../src/model/desired.ts"
import { unprovedServers } from "../../src/plan/unproved.ts"
import { observed, view } from "./fixtures.ts"
import { check, director, server, service } from "./samples.ts"

type Agent = NonNullable<ReturnType<typeof observed>["agent"]>

/** What is told of a director that is to have `services` and works by `before`; others set rs2 up. */
function told(services: readonly DesiredService[], before: readonly DesiredService[] = []) {
  const agent = { desired: director(...before) } as unknown as Agent
  const input = {
    view: view({ host: "lb1", director: director(...services) }),
    observed: observed({ host: "lb1", agent }),
  }
  return unprovedServers([input, input], new Set(["rs2"]))
}

describe("a host that lbctl does not manage", () => {
  it("is told of once where it joins services that do not ask it through the VIP", () => {
    const byAddress = service({ check: { ...check, via: "address" } })
    expect(told([byAddress, service({ name: "mail" })])).toEqual([
      {
        host: "rs2",
        message: "joins web, mail without a check through the VIP, and lbctl does not set it up",
        hint: "lbctl realserver verify --limit rs2 tells whether it holds its VIPs",
      },
    ])
  })

  it("is told of where keepalived checks, which asks real servers on their own addresses", () => {
    expect(told([service({ check, ipvs: "keepalived" })])).toHaveLength(1)
  })

  it("needs no word where a check through the VIP keeps clients from it", () => {
    expect(told([service({ check })])).toEqual([])
  })

  it("needs none where it serves already, or by nat, which needs no VIP", () => {
    expect(told([service()], [service()])).toEqual([])
    expect(told([service({ servers: [server(2, { forwarding: "nat" })] })])).toEqual([])
  })

  it("is not mistaken for one that lbctl sets up", () => {
    expect(told([service({ servers: [server(1)] })])).toEqual([])
  })
})

import { describe, expect, it } from "vitest"
import { planRamp, rampOption } from "../../src/cli/ramp.ts"
import { fleetOf, tokyoClusters } from "../compile/fixtures.ts"

const minute = 60_000
const backends = "{ hosts: { rs1: { weight: 100 }, rs2: { weight: 1 } } }"

function services(schedulers: Readonly<Record<string, string>>) {
  const texts = Object.entries(schedulers).map(
    ([name, scheduler], index) => `
  ${name}:
    cluster: tokyo
    vip: 192.0.2.1${index}
    ports: [80]
    scheduler: ${scheduler}
    backends: ${backends}
`,
  )
  return fleetOf({ clusters: tokyoClusters, services: `services:${texts.join("")}` }).fleet.services
}

describe("--ramp", () => {
  it("is a duration of at most a day", () => {
    expect(rampOption("5m")).toBe(5 * minute)
    expect(rampOption("24h")).toBe(24 * 60 * minute)
    for (const text of ["0s", "25h"]) expect(() => rampOption(text)).toThrow(/must be from 1ms to/)
    expect(() => rampOption("5")).toThrow(/not a duration/)
  })

  it.each(["wlc", "wrr", "sed", "nq"])("lets weights grow with %s", (scheduler) => {
    const plan = planRamp(services({ web: scheduler }), [{ host: "rs1" }], minute)
    expect(plan).toEqual({ rampMs: minute, atOnce: [] })
  })

  it("names the services where the weight is there at once", () => {
    const fleet = services({ web: "wlc", dns: "rr" })
    expect(planRamp(fleet, [{ host: "rs1" }], minute).atOnce).toEqual([
      "dns: its scheduler rr knows no weights",
    ])
    expect(planRamp(fleet, [{ host: "rs1", service: "web" }], minute).atOnce).toEqual([])
  })

  it.each([
    ["rs2", "wlc", "no effect on rs2: web: a weight of 1 cannot grow"],
    ["rs1", "lc", "no effect on rs1: web: its scheduler lc knows no weights"],
    ["rs1", "sh", "would move clients of web at every step: its scheduler sh"],
    ["rs1", "mh", "would move clients of web at every step: its scheduler mh"],
    ["rs9", "wlc", "no effect on rs9: the definition has no such real server"],
  ])("is refused for %s with %s", (host, scheduler, words) => {
    expect(() => planRamp(services({ web: scheduler }), [{ host }], minute)).toThrow(words)
  })
})

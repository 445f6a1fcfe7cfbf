import { describe, expect, it } from "vitest"
import type { Override } from "../../src/model/override.ts"
import { isMeantBy, standsOver, strongest } from "../../src/plan/overrides.ts"
import { noon } from "./samples.ts"

const one = { host: "rs1", service: "web" }
const word = (more: Partial<Override>): Override => ({
  action: "weight",
  by: "ann",
  since: noon,
  ...more,
})

describe("of several overrides on one real server", () => {
  const disable = word({ action: "disable", service: "web" })
  const drain = word({ action: "drain", host: "rs1" })
  const exact = word({ ...one, weight: 1 })
  const host = word({ host: "rs1", weight: 2 })
  const service = word({ service: "web", weight: 3 })

  it("disable counts before drain before weight, whomever they name", () => {
    const all = [exact, drain, disable]
    expect(strongest(all, one, noon)).toBe(disable)
    expect(strongest(all, { ...one, service: "shop" }, noon)).toBe(drain)
    expect(strongest([exact], one, noon)).toBe(exact)
  })

  it("of one action the one that names it best counts: host and service, host, service", () => {
    expect(strongest([service, host, exact], one, noon)).toBe(exact)
    expect(strongest([service, host], one, noon)).toBe(host)
    expect(strongest([service], one, noon)).toBe(service)
  })

  it("those of others, lifted ones and those that are over do not count", () => {
    const none = [
      word({ host: "rs2" }),
      word({ host: "rs1", service: "shop" }),
      word({ ...one, lifted: true }),
      word({ ...one, expires: noon }),
      word({ action: "priority", host: "rs1", cluster: "tokyo", priority: 90 }),
    ]
    expect(strongest(none, one, noon)).toBeUndefined()
  })
})

describe("who lifts an override", () => {
  const exact = word(one)
  const host = word({ host: "rs1" })
  const service = word({ service: "web" })

  it("means by a host its services too, and by a service not its hosts", () => {
    const meant = (scope: Partial<typeof one>) =>
      [exact, host, service].filter((override) => isMeantBy(override, scope))
    expect(meant(one)).toEqual([exact])
    expect(meant({ host: "rs1" })).toEqual([exact, host])
    expect(meant({ service: "web" })).toEqual([service])
    expect(meant({ host: "rs2" })).toEqual([])
  })

  it("is told of what stands over the one real server he names", () => {
    const over = (scope: Partial<typeof one>) =>
      [exact, host, service].filter((override) => standsOver(override, scope))
    expect(over(one)).toEqual([exact, host, service])
    expect(over({ ...one, service: "shop" })).toEqual([host])
    expect(over({ host: "rs1" })).toEqual([])
  })
})

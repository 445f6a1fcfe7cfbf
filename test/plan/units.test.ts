import { describe, expect, it } from "vitest"
import { planUnitRemovals, planUnits } from "../../src/plan/units.ts"
import { bundle, observed } from "./fixtures.ts"

const unit = { name: "lbagent.service", enabled: true, running: true }

describe("planUnits()", () => {
  it("enables and starts what is neither", () => {
    expect(
      planUnits(bundle({ units: [unit] }), observed()).map((planned) => planned.operation),
    ).toEqual([
      { op: "unit-enable", name: "lbagent.service" },
      { op: "unit-start", name: "lbagent.service" },
    ])
  })

  it("starts a unit that somebody stopped", () => {
    const now = observed({
      units: { "lbagent.service": { exists: true, enabled: true, running: false } },
    })
    expect(
      planUnits(bundle({ units: [unit] }), now).map((planned) => planned.change.meaning),
    ).toEqual(["start"])
  })
})

describe("planUnitRemovals()", () => {
  it("stops and disables a unit the bundle lost", () => {
    const owned = { files: [], sysctls: [], addresses: [], units: ["lbagent.service"], linksUp: [] }
    const now = observed({
      owned,
      units: { "lbagent.service": { exists: true, enabled: true, running: true } },
    })
    expect(planUnitRemovals(bundle(), now).map((planned) => planned.operation?.op)).toEqual([
      "unit-stop",
      "unit-disable",
    ])
  })
})

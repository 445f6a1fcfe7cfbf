import { describe, expect, it } from "vitest"
import { markRules } from "../../src/model/desired.ts"
import { planDirector } from "../../src/plan/director.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import { planMarks } from "../../src/plan/marks.ts"
import { observed, view } from "./fixtures.ts"
import { director, marked, noon } from "./samples.ts"

const state = director(marked())
const rules = markRules(state)

describe("planMarks", () => {
  it("tells each rule that the kernel lacks, by its service", () => {
    expect(planMarks(state, {})).toEqual(
      ["tcp 192.0.2.10:80", "tcp 192.0.2.10:443"].map((match) => ({
        kind: "ipvs",
        action: "add",
        subject: "virtual service fwmark 12",
        meaning: `marking rule ${match}`,
        risk: "low",
      })),
    )
  })

  it("has nothing to tell where the kernel holds them, in whatever order", () => {
    expect(planMarks(state, { marks: { rules: rules.toReversed(), intact: true } })).toEqual([])
  })

  it("tells rules that nobody wants any more as removed", () => {
    const gone = planMarks(director(), { marks: { rules, intact: true } })
    expect(gone.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      "remove virtual service fwmark 12",
      "remove virtual service fwmark 12",
    ])
  })

  it("tells a chain that somebody changed although all rules are there", () => {
    const [change, ...others] = planMarks(state, { marks: { rules, intact: false } })
    expect(others).toEqual([])
    expect(change).toMatchObject({ action: "edit", subject: "marking rules" })
  })

  it("counts as drift, so that the agent is told though no file changed", () => {
    const services = [marked({ ipvs: "keepalived" })]
    const { drift } = planDirector(
      view({ director: { ...state, services } }),
      observed({ agent: { ...statusOfTable([]), desired: { ...state, services } } }),
      noon,
    )
    expect(drift).toBe(true)
  })
})

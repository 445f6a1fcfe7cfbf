import { describe, expect, it } from "vitest"
import { defaultPolicy } from "../../src/model/rollout.ts"
import { handoversOf } from "../../src/plan/handovers.ts"
import { directorState, view } from "./fixtures.ts"

const views = [view({ host: "lb1", director: directorState() }), view({ host: "rs1" })]
const asked = new Map([["demo", { ...defaultPolicy, handover: true }]])

describe("handovers before masters change", () => {
  it("are those of clusters that ask for them", () => {
    expect([...handoversOf(views, { clusters: new Map(), choice: {} }).keys()]).toEqual([])
    const own = handoversOf(views, { clusters: asked, choice: {} })
    expect(own.get("lb1")?.map(({ instance }) => instance)).toEqual(["demo"])
  })

  it("are what the command line says, either way", () => {
    const choice = (handover: boolean) => ({ clusters: asked, choice: { handover } })
    expect(handoversOf(views, choice(false)).size).toBe(0)
    expect(handoversOf(views, { ...choice(true), clusters: new Map() }).size).toBe(1)
  })
})

import { describe, expect, it } from "vitest"
import { parseDirectorState } from "../../src/agent/store/desired.ts"
import { hostViews } from "../../src/compile/views.ts"
import { fleetOf, tokyoClusters } from "./fixtures.ts"

const rules = `    access:
      - { groups: [oncall] }
      - { users: [ann], operations: [weight, drain], services: [web], hosts: [rs1] }
`

describe("access", () => {
  it("comes to every director of its cluster, with its defaults, and its agent reads it", () => {
    const { fleet, problems } = fleetOf({ clusters: `${tokyoClusters}${rules}` })
    expect(problems).toEqual([])
    const directors = hostViews(fleet).flatMap(({ director }) => director ?? [])
    expect(directors).toHaveLength(2)
    for (const director of directors) {
      expect(director.access).toEqual([
        {
          cluster: "tokyo",
          users: [],
          groups: ["oncall"],
          operations: ["disable", "drain", "weight", "priority", "failover"],
        },
        {
          cluster: "tokyo",
          users: ["ann"],
          groups: [],
          operations: ["drain", "weight"],
          services: ["web"],
          hosts: ["rs1"],
        },
      ])
      expect(parseDirectorState(JSON.stringify(director))).toMatchObject({ ok: true })
    }
  })

  it("is nothing where it is not written", () => {
    for (const { director } of hostViews(fleetOf().fleet))
      expect(director ?? {}).not.toHaveProperty("access")
  })

  it("needs users or groups", () => {
    const { problems } = fleetOf({ clusters: `${tokyoClusters}    access: [{ services: [web] }]` })
    expect(problems[0]?.rule).toMatch(/^schema/)
  })
})

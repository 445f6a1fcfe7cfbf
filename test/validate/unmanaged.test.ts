import { describe, expect, it } from "vitest"
import type { Host } from "../../src/model/fleet.ts"
import type { Role, RoleTarget } from "../../src/model/role.ts"
import { rolesOfOthers } from "../../src/validate/unmanaged.ts"

const place = { file: "hosts.yml", line: 12, column: 7 }
const hosts = [
  { name: "rs1", groups: ["web"] },
  { name: "rs9", groups: ["web"], unmanaged: place },
] as unknown as readonly Host[]

const told = (target: RoleTarget) =>
  rolesOfOthers([{ name: "logs", target } as unknown as Role], { hosts })

describe("a role for hosts that lbctl does not log in to", () => {
  it("is a warning where it names one", () => {
    expect(told({ by: "hosts", names: ["rs1", "rs9"] })).toEqual([
      {
        rule: "role-unmanaged",
        severity: "warning",
        message: "the role logs is for rs9, which has lbctl_managed: false and gets nothing of it",
        at: place,
        hint: "take rs9 out of applies_to in the role's role.yml, or write true",
      },
    ])
  })

  it("is none where it names others, or a group that one is in", () => {
    expect(told({ by: "hosts", names: ["rs1"] })).toEqual([])
    expect(told({ by: "groups", names: ["web"] })).toEqual([])
    expect(told({ by: "view", view: "realserver" })).toEqual([])
  })
})

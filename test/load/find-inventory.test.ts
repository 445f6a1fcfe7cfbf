import { describe, expect, it } from "vitest"
import { findInventories } from "../../src/load/find-inventory.ts"
import { tree } from "./tree.ts"

const one = {
  "inventories/prod/hosts.yml": "",
  "inventories/notes.txt": "",
  "inventories/old/readme": "",
}
const two = { ...one, "inventories/lab/hosts.ini": "" }

describe("findInventories", () => {
  it("takes what is named before all else", () => {
    const currentFolder = tree(one)
    const found = findInventories({ named: ["x"], environment: "inventories/prod", currentFolder })
    expect(found).toEqual({ ok: true, value: ["x"] })
  })

  it("takes LBCTL_INVENTORY before the only one", () => {
    const currentFolder = tree({ ...one, "other/hosts.yml": "" })
    const found = findInventories({ named: [], environment: "other", currentFolder })
    expect(found).toEqual({ ok: true, value: ["other"] })
  })

  it("refuses an LBCTL_INVENTORY that names nothing", () => {
    const found = findInventories({ named: [], environment: "gone", currentFolder: tree(one) })
    expect(found).toMatchObject({
      error: {
        rule: "inventory-missing",
        message: "LBCTL_INVENTORY names gone, which does not exist",
      },
    })
  })

  it("takes the only inventory of inventories/, an empty LBCTL_INVENTORY counting as none", () => {
    const found = findInventories({ named: [], environment: "", currentFolder: tree(one) })
    expect(found).toEqual({ ok: true, value: ["inventories/prod"] })
  })

  it("lists the candidates when there are several", () => {
    const found = findInventories({ named: [], currentFolder: tree(two) })
    expect(found).toMatchObject({
      error: {
        rule: "inventory-ambiguous",
        hint: expect.stringContaining("inventories/lab, inventories/prod"),
      },
    })
  })

  it("says how to make one when there is none", () => {
    const found = findInventories({ named: [], currentFolder: tree({}) })
    expect(found).toMatchObject({
      error: { rule: "inventory-missing", hint: expect.stringContaining("lbctl init") },
    })
  })
})

import { describe, expect, it } from "vitest"
import { resolveNodes } from "./lib/spec.ts"

describe("resolveNodes", () => {
  it("knows the addresses of directors and real servers", () => {
    const nodes = resolveNodes(["lb1", "rs3", { name: "gw", address: "10.77.0.9", memory: 128 }])
    expect(nodes).toMatchObject([
      { name: "lb1", address: "10.77.0.11", address6: "fd77::11", memory: 384, tap: "tap0" },
      { name: "rs3", address: "10.77.0.23", mac: "52:54:00:4d:00:17", tap: "tap1" },
      { name: "gw", address: "10.77.0.9", address6: "fd77::9", memory: 128, tap: "tap2" },
    ])
  })

  it("takes a node for one with systemd that says nothing else", () => {
    const nodes = resolveNodes(["lb1", { name: "rs1", system: "openrc" }])
    expect(nodes.map(({ system }) => system)).toEqual(["systemd", "openrc"])
  })

  it.each([
    [["web"], "web needs an address"],
    [[{ name: "web", address: "10.77.0.1" }], "web needs an address"],
    [[{ name: "web", address: "192.0.2.1" }], "web needs an address"],
    [["lb1", "lb1"], "two lab nodes have the name lb1"],
    [["rs1", { name: "web", address: "10.77.0.21" }], "two lab nodes have the address 10.77.0.21"],
    [["controller"], "not a name"],
    [["a b"], "not a name"],
  ])("refuses %j", (specs, message) => {
    expect(() => resolveNodes(specs)).toThrow(message)
  })
})

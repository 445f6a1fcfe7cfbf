import { describe, expect, it } from "vitest"
import { lastServers } from "../../src/cli/last-server.ts"
import type { BackendRow } from "../../src/cli/tables.ts"

function row(
  host: string,
  weight: number | undefined,
  parts: Partial<BackendRow> = {},
): BackendRow {
  return {
    host,
    name: "web",
    service: "tcp 192.0.2.10:80",
    server: `${host}:80`,
    director: "lb1",
    state: "up",
    weight,
    definedWeight: 1,
    active: 0,
    inactive: 0,
    message: "",
    ...parts,
  }
}

describe("a drain of the last server", () => {
  it("is none while another has a weight", () => {
    expect(lastServers([row("rs1", 1), row("rs2", 1)], [{ host: "rs1" }])).toEqual([])
  })

  it.each([
    ["down or drained", 0],
    ["out of the kernel", undefined],
  ])("is one when the other is %s", (_, weight) => {
    expect(lastServers([row("rs1", 1), row("rs2", weight)], [{ host: "rs1" }])).toEqual([
      "rs1 is the last to serve web (tcp 192.0.2.10:80) on lb1",
    ])
  })

  it("is one when all that serve are drained at once", () => {
    expect(
      lastServers([row("rs1", 1), row("rs2", 1)], [{ host: "rs1" }, { host: "rs2" }]),
    ).toHaveLength(2)
  })

  it("is one when a whole service goes", () => {
    expect(lastServers([row("rs1", 1), row("rs2", 1)], [{ service: "web" }])).toHaveLength(2)
    expect(lastServers([row("rs1", 1)], [{ service: "shop" }])).toEqual([])
  })

  it("is none for one that gets nothing as it is", () => {
    expect(lastServers([row("rs1", 0), row("rs2", 0)], [{ host: "rs1" }])).toEqual([])
  })

  it("is judged by service and director", () => {
    const dns = { name: "dns", service: "udp 192.0.2.10:53" }
    const rows = [
      row("rs1", 1),
      row("rs2", 1),
      row("rs1", 1, dns),
      row("rs1", 1, { director: "lb2" }),
      row("rs2", 1, { director: "lb2" }),
    ]
    expect(lastServers(rows, [{ host: "rs1", service: "web" }])).toEqual([])
    expect(lastServers(rows, [{ host: "rs1" }])).toHaveLength(1)
  })
})

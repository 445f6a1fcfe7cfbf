import { describe, expect, it } from "vitest"
import type { Definition } from "../../src/cli/pipeline.ts"
import { otherSystems, withSystems } from "../../src/cli/systems.ts"
import type { HostView } from "../../src/model/desired.ts"
import { systemOf, usualSystem, type System } from "../../src/model/system.ts"
import { documents, fleetOf } from "../compile/fixtures.ts"
import { bundleOf, realserverView, shipped } from "../render/fixtures.ts"

function definitionOf(given?: Partial<System>): Definition {
  const rs1: HostView = { ...realserverView(), host: "rs1", system: { ...usualSystem, ...given } }
  const rs2: HostView = { ...realserverView(), host: "rs2", system: usualSystem }
  return {
    fleet: { hosts: [{ name: "rs1", system: given }, { name: "rs2" }] },
    views: [rs1, rs2],
    bundles: new Map([rs1, rs2].map((view) => [view.host, bundleOf(view)])),
    ...shipped(),
  } as unknown as Definition
}

const told = new Map([
  ["rs1", systemOf({ init: "openrc", loopback: "ifupdown" })],
  ["rs2", systemOf({ init: "other" })],
])

const paths = (definition: Definition, host: string) =>
  definition.bundles.get(host)?.files.map(({ path }) => path) ?? []

describe("hosts whose system is known", () => {
  it("get what their system needs; those it is not told of, and the others, what they had", () => {
    const definition = definitionOf()
    const systems = otherSystems(definition, told)
    expect([...systems]).toEqual([["rs1", { init: "openrc", loopback: "ifupdown" }]])
    const fitting = withSystems(definition, systems)
    if (!fitting.ok) throw new Error("no bundle")
    expect(paths(fitting.value, "rs1")).toEqual([
      "/etc/init.d/lbctl-realserver",
      "/etc/network/if-up.d/lbctl-realserver",
      "/etc/sysctl.d/90-lbctl-realserver.conf",
      "/usr/local/sbin/lvs-real",
    ])
    expect(fitting.value.bundles.get("rs2")).toBe(definition.bundles.get("rs2"))
  })

  it("are what the inventory says, whatever they say", () => {
    expect(otherSystems(definitionOf({ init: "sysvinit", loopback: "kernel" }), told).size).toBe(0)
  })

  it("are refused what FreeBSD cannot do once one has said that it runs it", () => {
    const services = `services:
  web:
    cluster: tokyo
    vip: 192.0.2.10
    ports: [80]
    forwarding: tun`
    const { fleet } = fleetOf({ services })
    const definition = { ...definitionOf(), fleet, documents: documents({ services }) }
    const fitting = withSystems(definition, new Map([["rs1", { ...usualSystem, init: "rc" }]]))
    expect(fitting.ok ? [] : fitting.error.map(({ rule, at }) => [rule, at?.line])).toEqual([
      ["freebsd-tunnel", 6],
    ])
  })

  it("of which nothing is rendered stay as they are: a past release is what it was", () => {
    const past = definitionOf()
    const views = past.views.map(({ system: _system, ...view }) => view)
    expect(otherSystems({ ...past, views }, told).size).toBe(0)
  })
})

import { describe, expect, it } from "vitest"
import { hostViews } from "../../src/compile/views.ts"
import { fleetOf, tokyoHosts, type HostSource } from "./fixtures.ts"

const withVariables = (vars: Omit<HostSource, "groups">) =>
  fleetOf({ hosts: { ...tokyoHosts, rs1: { ...tokyoHosts["rs1"], groups: ["web"], ...vars } } })

const systemOf = (vars: Omit<HostSource, "groups">) =>
  hostViews(withVariables(vars).fleet).find(({ host }) => host === "rs1")?.system

describe("what the inventory says of a host's system", () => {
  it("is systemd and nobody else's loopback by default", () => {
    expect(systemOf({})).toEqual({ init: "systemd", loopback: "kernel" })
  })

  it("is what its variables say", () => {
    expect(systemOf({ lbctl_init: "openrc", lbctl_loopback: "ifupdown" })).toEqual({
      init: "openrc",
      loopback: "ifupdown",
    })
    expect(systemOf({ lbctl_loopback: "50-lo.network" })?.loopback).toBe("50-lo.network")
  })

  it.each([
    ["lbctl_init", "upstart"],
    ["lbctl_init", 5],
    ["lbctl_loopback", "nobody"],
    ["lbctl_loopback", "../50-lo.network"],
  ])("is refused where lbctl does not know it: %s: %s", (name, value) => {
    const { problems } = withVariables({ [name]: value })
    expect(problems).toEqual([
      expect.objectContaining({
        rule: "host-system",
        message: `${name} of rs1 is ${JSON.stringify(value)}, which lbctl does not know`,
        at: expect.objectContaining({ file: "hosts.yml" }),
      }),
    ])
  })
})

import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { routeChecks } from "../../../src/plan/doctor/routes.ts"
import { vrrp } from "../fixtures.ts"
import { director, messages, realServer, servicesBy, vip, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(routeChecks, id, ward(...hosts))
const by = (via: string) => ({
  examined: { defaultRoutes: [{ family: 4 as const, via, device: "eth0" }] },
})
const nat = servicesBy("nat")

describe("the doctor on routes", () => {
  it("finds nothing on healthy hosts", () => {
    const hosts = ward(director("lb1"), director("lb2"), realServer())
    expect(routeChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("N08 finds a router between a director and its real server of dr", () => {
    const routes = new Map([["10.77.0.21", { device: "eth0", via: "10.77.0.1" }]])
    expect(found("N08", director("lb1", { examined: { routes } }))).toEqual([
      "lb1: reaches rs1 10.77.0.21 by the router 10.77.0.1",
    ])
    expect(found("N08", director("lb1", { examined: { routes } }, { services: nat }))).toEqual([])
  })

  it("N10 finds who has no default route", () => {
    const none = { examined: { defaultRoutes: [] } }
    expect(found("N10", director("lb1", none), realServer(none))).toEqual([
      "lb1: has no default route",
      "rs1: has no default route",
    ])
  })

  it("N11 finds a tunnel of IPv6 that begins at the VIP", () => {
    const services = servicesBy("tun", "fd77::21")
    const state = { services, vrrp: [vrrp({ vips: ["fd77::100"] })] }
    const from = (source: string) => ({
      examined: { routes: new Map([["fd77::21", { device: "eth0", source }]]) },
    })
    expect(found("N11", director("lb1", from("fd77::100"), state))).toEqual([
      "lb1: sends to rs1 fd77::21 from the VIP fd77::100",
    ])
    expect(found("N11", director("lb1", from("fd77::11"), state))).toEqual([])
  })

  it("N12 finds a real server of dr that answers by the director", () => {
    expect(found("N12", director("lb1"), realServer(by("10.77.0.11")))).toEqual([
      "rs1: its default route goes to the director lb1 (10.77.0.11 on eth0)",
    ])
  })

  it("N13 finds a real server of nat that answers past the director", () => {
    const lb1 = director("lb1", {}, { services: nat })
    const server = (via: string) => {
      const { input, examined } = realServer(by(via))
      const { realserver: _nothing, ...view } = input.view
      return { examined, input: { ...input, view } }
    }
    const lb2 = director("lb2", {}, { services: nat })
    expect(found("N13", lb1, server("10.77.0.1"))).toEqual([])
    expect(found("N13", lb1, lb2, server("10.77.0.1"))).toEqual([
      "rs1: its default route does not go to a director",
    ])
    expect(found("N13", lb1, lb2, server(vip))).toEqual([])
  })
})

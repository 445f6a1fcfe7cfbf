import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { neighbourChecks } from "../../../src/plan/doctor/neighbours.ts"
import { director, messages, realServer, switches, vip, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(neighbourChecks, id, ward(...hosts))

describe("the doctor on neighbours", () => {
  it("finds nothing on healthy hosts", () => {
    const hosts = ward(director("lb1"), director("lb2"), realServer())
    expect(neighbourChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("S20 counts the real servers that are neighbours", () => {
    const examined = { switches: switches({ "net/ipv4/neigh/default/gc_thresh3": "2" }) }
    expect(found("S20", director("lb1", { examined }))).toEqual([
      "lb1: 1 real server is a neighbour, and the table holds 2",
    ])
    const routes = new Map([["10.77.0.21", { device: "eth0", via: "10.77.0.1" }]])
    expect(found("S20", director("lb1", { examined: { ...examined, routes } }))).toEqual([])
  })

  it("N07 finds who takes another MAC for the VIP's", () => {
    const [own, wrong] = ["02:00:00:00:00:21", "02:00:00:00:00:99"]
    const taking = (mac: string, address: string = vip) => ({
      examined: { neighbours: [{ address, device: "eth0", mac }] },
    })
    expect(found("N07", director("lb1"), director("lb2", taking(wrong)))).toEqual([
      `lb2: takes ${wrong} on eth0 for the VIP ${vip}, which is ${own}`,
    ])
    expect(found("N07", director("lb1"), director("lb2", taking(own)))).toEqual([])
  })

  it("N07 leaves out who holds the VIP itself, and VIPs whose holder was not looked at", () => {
    const wrong = {
      examined: { neighbours: [{ address: vip, device: "eth0", mac: "02:00:00:00:00:99" }] },
    }
    expect(found("N07", director("lb1"), realServer(wrong))).toEqual([])
    expect(found("N07", director("lb2", wrong))).toEqual([])
  })
})

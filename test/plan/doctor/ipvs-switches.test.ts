import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { ipvsSwitchChecks } from "../../../src/plan/doctor/ipvs-switches.ts"
import { directorState } from "../fixtures.ts"
import { director, messages, realServer, switches, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(ipvsSwitchChecks, id, ward(...hosts))

describe("the doctor on switches of IPVS", () => {
  it("finds nothing on healthy hosts", () => {
    const hosts = ward(director("lb1"), director("lb2"), realServer())
    expect(ipvsSwitchChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("S12 compares what is wanted of net.ipv4.vs with the kernel", () => {
    const view = { ipvsSysctls: [{ name: "sync_threshold", value: "0 0", why: "" }] }
    const examined = { switches: switches({ "net/ipv4/vs/sync_threshold": "3 50" }) }
    expect(found("S12", director("lb1", { view, examined }))).toEqual([
      "lb1: net.ipv4.vs.sync_threshold is 3 50, not 0 0",
    ])
  })

  it("S13 warns of mh without synchronisation and without sloppy_tcp", () => {
    const services = directorState().services.map((service) => ({
      ...service,
      scheduler: "mh" as const,
    }))
    expect(found("S13", director("lb1", {}, { services }))).toHaveLength(1)
    const connectionSync = [{ instance: "demo", interface: "eth0", id: 51 }]
    expect(found("S13", director("lb1", {}, { services, connectionSync }))).toEqual([])
  })

  it("S17 tells of lost ICMP where a hash shall outlive a failover", () => {
    const services = directorState().services.map((service) => ({
      ...service,
      scheduler: "mh" as const,
    }))
    const examined = { switches: switches({ "net/ipv4/vs/schedule_icmp": "0" }) }
    expect(found("S17", director("lb1", { examined }, { services }))).toEqual([
      "lb1: net.ipv4.vs.schedule_icmp is 0: ICMP of connections that it never saw begin is lost",
    ])
    expect(found("S17", director("lb1", { examined }))).toEqual([])
  })
})

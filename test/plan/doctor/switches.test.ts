import { describe, expect, it } from "vitest"
import type { Examination } from "../../../src/model/doctor.ts"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { switchChecks } from "../../../src/plan/doctor/switches.ts"
import { directorState } from "../fixtures.ts"
import { director, messages, realServer, servicesBy, switches, vip, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(switchChecks, id, ward(...hosts))
const natServices = servicesBy("nat")
const kept = (key: string, value: string): Examination["kept"] => [
  { file: "/etc/sysctl.d/99-site.conf", key, value },
]

describe("the doctor on switches", () => {
  it("finds nothing on healthy hosts", () => {
    const hosts = ward(director("lb1"), director("lb2"), realServer())
    expect(switchChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("S05 finds strict filtering on a tunnel by the larger of all and its own", () => {
    const held = { address: vip, prefix: 32, family: 4, services: [], device: "tunl0" } as const
    const view = { realserver: { vips: [held], tunnels: ["ipip"] } } as const
    const strict = (all: string, own: string) => ({
      view,
      examined: {
        switches: switches({
          "net/ipv4/conf/all/rp_filter": all,
          "net/ipv4/conf/tunl0/rp_filter": own,
        }),
      },
    })
    const words = ["rs1: reverse path filtering is strict on tunl0"]
    expect(found("S05", realServer(strict("1", "0")))).toEqual(words)
    expect(found("S05", realServer(strict("0", "1")))).toEqual(words)
    expect(found("S05", realServer(strict("2", "1")))).toEqual([])
  })

  it("S07 wants routing where there is nat, S08 tells of it where there is none", () => {
    const routing = { switches: switches({ "net/ipv4/ip_forward": "1" }) }
    expect(found("S07", director("lb1", {}, { services: natServices }))).toEqual([
      "lb1: net.ipv4.ip_forward is 0",
    ])
    expect(found("S08", director("lb1", { examined: routing }))).toEqual([
      "lb1: net.ipv4.ip_forward is 1, and no service of nat needs it",
    ])
    expect(found("S08", director("lb1", { examined: routing }, { services: natServices }))).toEqual(
      [],
    )
  })

  it("S09 finds redirects where clients and nat real servers share an interface", () => {
    const redirects = { switches: switches({ "net/ipv4/conf/all/send_redirects": "1" }) }
    const state = { services: natServices }
    expect(found("S09", director("lb1", { examined: redirects }, state))).toEqual([
      "lb1: sends ICMP redirects on eth0",
    ])
    const routes = new Map([["10.77.0.21", { device: "eth1" }]])
    expect(found("S09", director("lb1", { examined: { ...redirects, routes } }, state))).toEqual([])
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

  it("S18 names the file that overrules lbctl at a boot, however the key is written", () => {
    const sysctls = { "net.ipv4.conf.all.arp_ignore": "1" }
    const examined = { kept: kept("net/ipv4/conf/all/arp_ignore", "0") }
    expect(found("S18", realServer({ sysctls, examined }))).toEqual([
      "rs1: /etc/sysctl.d/99-site.conf sets net.ipv4.conf.all.arp_ignore to 0 at a boot, and lbctl wants 1",
    ])
    const same = { kept: [...examined.kept, ...kept("net.ipv4.conf.all.arp_ignore", "1")] }
    expect(found("S18", realServer({ sysctls, examined: same }))).toEqual([])
  })

  it("S19 finds a VLAN's name with a dot", () => {
    const examined = { kept: kept("net.ipv4.conf.eth0.100.rp_filter", "2") }
    expect(found("S19", realServer({ examined }))).toEqual([
      "rs1: /etc/sysctl.d/99-site.conf means no interface by net.ipv4.conf.eth0.100.rp_filter",
    ])
    for (const key of ["net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"])
      expect(found("S19", realServer({ examined: { kept: kept(key, "2") } }))).toEqual([])
  })

  it("S20 counts the real servers that are neighbours", () => {
    const examined = { switches: switches({ "net/ipv4/neigh/default/gc_thresh3": "2" }) }
    expect(found("S20", director("lb1", { examined }))).toEqual([
      "lb1: 1 real server is a neighbour, and the table holds 2",
    ])
    const routes = new Map([["10.77.0.21", { device: "eth0", via: "10.77.0.1" }]])
    expect(found("S20", director("lb1", { examined: { ...examined, routes } }))).toEqual([])
  })
})

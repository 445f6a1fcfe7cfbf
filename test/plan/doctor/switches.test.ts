import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { switchChecks } from "../../../src/plan/doctor/switches.ts"
import { director, messages, realServer, servicesBy, switches, vip, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(switchChecks, id, ward(...hosts))
const natServices = servicesBy("nat")

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
})

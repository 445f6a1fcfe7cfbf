import { describe, expect, it } from "vitest"
import { arpChecks } from "../../../src/plan/doctor/arp.ts"
import { director, foundBy, messages, realServer, switches, vip, ward } from "./ward.ts"

const server = (more: Readonly<Record<string, string>>) =>
  ward(realServer({ examined: { switches: switches(more) } }))
const found = (id: string, more: Readonly<Record<string, string>>) =>
  messages(arpChecks, id, server(more))
const [all, nic, lo] = ["all", "eth0", "lo"].map((name) => `net/ipv4/conf/${name}`)

describe("the doctor on ARP", () => {
  it("finds nothing on a real server that keeps silent, nor on directors", () => {
    const zero = { examined: { switches: switches({ [`${all}/arp_ignore`]: "0" }) } }
    const hosts = ward(realServer(), director("lb1", zero))
    expect(arpChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("S01 takes the larger of all and the interface that is asked", () => {
    expect(found("S01", { [`${all}/arp_ignore`]: "0", [`${nic}/arp_ignore`]: "1" })).toEqual([])
    expect(found("S01", { [`${all}/arp_ignore`]: "0" })).toEqual([
      "rs1: answers ARP for its VIPs on eth0: arp_ignore is 0",
    ])
  })

  it("S01 says that a setting of the loopback does nothing", () => {
    const trouble = server({ [`${all}/arp_ignore`]: "0", [`${lo}/arp_ignore`]: "1" })
    expect(foundBy(arpChecks, "S01", trouble)).toEqual([
      {
        host: "rs1",
        message:
          "answers ARP for its VIPs on eth0: arp_ignore is 0 (conf.lo.arp_ignore=1 has no effect)",
        cure: "lbctl apply prod --limit rs1",
      },
    ])
  })

  it("S02 takes only 2 for silence", () => {
    expect(found("S02", { [`${all}/arp_announce`]: "1" })).toEqual([
      "rs1: asks in the name of its VIPs on eth0: arp_announce is 1",
    ])
  })

  it("S03 warns of 3 and 8", () => {
    expect(found("S03", { [`${nic}/arp_ignore`]: "8" })).toEqual(["rs1: arp_ignore is 8 on eth0"])
    expect(found("S03", { [`${nic}/arp_ignore`]: "2" })).toEqual([])
  })

  it("does not ask for silence about IPv6, which is silent by itself", () => {
    const held = {
      address: "fd77::100",
      prefix: 128,
      family: 6,
      services: [],
      device: "lo",
    } as const
    const host = realServer({
      view: { realserver: { vips: [held], tunnels: [] } },
      examined: { switches: switches({ [`${all}/arp_ignore`]: "0" }) },
    })
    expect(messages(arpChecks, "S01", ward(host))).toEqual([])
  })

  it("looks at every interface that has an address of its own", () => {
    const addresses = [
      { address: "10.77.0.21", prefix: 24, device: "eth0" },
      { address: "10.78.0.21", prefix: 24, device: "eth1.5" },
      { address: vip, prefix: 32, device: "lo" },
    ]
    const host = realServer({
      observed: { addresses },
      examined: { switches: switches({ [`${all}/arp_ignore`]: "0", [`${nic}/arp_ignore`]: "1" }) },
    })
    expect(messages(arpChecks, "S01", ward(host))).toEqual([
      "rs1: answers ARP for its VIPs on eth1.5: arp_ignore is 0",
    ])
  })
})

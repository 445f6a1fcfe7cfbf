import { describe, expect, it } from "vitest"
import type { DirectorState } from "../../../src/model/desired.ts"
import type { FilterChain, FilterRule } from "../../../src/model/packet-filter.ts"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { filterChecks } from "../../../src/plan/doctor/filter.ts"
import { vrrp } from "../fixtures.ts"
import {
  director,
  foundBy,
  messages,
  realServer,
  servicesBy,
  switches,
  vip,
  ward,
  type Trouble,
} from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(filterChecks, id, ward(...hosts))

/** A chain that lets in what these rules accept, and nothing else. */
function closed(parts: Partial<FilterChain> = {}): FilterChain {
  return {
    tool: "iptables",
    table: "filter",
    name: "INPUT",
    families: [4],
    base: { hook: "input", type: "filter", priority: 0, policy: "drop" },
    rules: [],
    ...parts,
  }
}
const behind = (...filter: readonly FilterChain[]): Trouble => ({ examined: { filter } })
const port = (number: number, of = 6): FilterRule => ({
  tests: [
    { kind: "protocol", protocols: [of] },
    { kind: "port", ranges: [[number, number]] },
  ],
  action: { kind: "accept" },
})
const protocol = (number: number): FilterRule => ({
  tests: [{ kind: "protocol", protocols: [number] }],
  action: { kind: "accept" },
})
/** The real server of tun of the web service. */
function tunnelled(filter: FilterChain) {
  const held = { address: vip, prefix: 32, family: 4, services: ["web"], device: "tunl0" } as const
  const view = { realserver: { vips: [held], tunnels: ["ipip"] } } as const
  return realServer({ view, examined: { filter: [filter] } })
}

describe("the doctor on packet filters", () => {
  it("finds nothing where there are none, or where they could not be read", () => {
    const hosts = ward(director("lb1"), director("lb2", behind()), realServer())
    expect(filterChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("F01 finds a director that drops the other's VRRP, and names the rule that it lacks", () => {
    const lb1 = director("lb1", behind(closed({ rules: [port(80)] })))
    expect(foundBy(filterChecks, "F01", ward(lb1))).toEqual([
      {
        host: "lb1",
        message: "drops VRRP from 10.77.0.12 (iptables filter INPUT)",
        cure: "iptables -I INPUT -p 112 -s 10.77.0.12 -d 10.77.0.11 -j ACCEPT on lb1, and where the rules for the next boot are",
      },
    ])
    expect(found("F01", director("lb1", behind(closed({ rules: [protocol(112)] }))))).toEqual([])
  })

  it("F01 looks for the group where there is multicast, and not at VRRP of the agent's own", () => {
    const by = (parts: Parameters<typeof vrrp>[0]) =>
      found("F01", director("lb1", behind(closed()), { vrrp: [vrrp(parts)] }))
    expect(by({ unicastPeers: [] })).toEqual([
      "lb1: drops VRRP to 224.0.0.18 (iptables filter INPUT)",
    ])
    expect(by({ driver: "native" })).toEqual([])
  })

  it("F02 finds a director that drops what the other synchronises", () => {
    const state = { connectionSync: [{ instance: "demo", interface: "eth0", id: 51 }] }
    const nft = closed({ tool: "nft", table: "inet fw", name: "in", families: [4, 6] })
    expect(foundBy(filterChecks, "F02", ward(director("lb1", behind(nft), state)))).toEqual([
      {
        host: "lb1",
        message: "drops connection synchronisation to 224.0.0.81 port 8848 (nft inet fw in)",
        cure: "nft insert rule inet fw in ip daddr 224.0.0.81 udp dport 8848 accept on lb1, and where the rules for the next boot are",
      },
    ])
    const open = { ...nft, rules: [port(8848, 17)] }
    expect(found("F02", director("lb1", behind(open), state))).toEqual([])
  })

  it("F03 finds a real server that lets the port in and the tunnel not", () => {
    expect(found("F03", tunnelled(closed({ rules: [port(80)] })))).toEqual([
      "rs1: drops IPIP (protocol 4) to 10.77.0.21 (iptables filter INPUT)",
    ])
    expect(found("F03", tunnelled(closed({ rules: [protocol(4)] })))).toEqual([])
  })

  it.each([
    ["gre", "GRE (protocol 47) to 10.77.0.21"],
    ["gue", "GUE (udp port 6080) to 10.77.0.21"],
  ] as const)("F03 looks for %s", (tunnel, name) => {
    const held = { address: vip, prefix: 32, family: 4, services: [], device: "tunl0" } as const
    const gueSockets = [{ port: 6080, family: 4 }] as const
    const view = { realserver: { vips: [held], tunnels: [tunnel], gueSockets } }
    const host = realServer({ view, examined: { filter: [closed()] } })
    expect(found("F03", host)).toEqual([`rs1: drops ${name} (iptables filter INPUT)`])
  })

  it("F04 finds a director and a real server that do not let the service's port in", () => {
    const shut = behind(closed({ rules: [port(443)] }))
    expect(found("F04", director("lb1", shut), realServer(shut))).toEqual([
      `lb1: drops tcp to ${vip} port 80 (iptables filter INPUT)`,
      `rs1: drops tcp to ${vip} port 80 (iptables filter INPUT)`,
    ])
    const open = behind(closed({ rules: [port(80)] }))
    expect(found("F04", director("lb1", open), realServer(open))).toEqual([])
  })

  it("F04 looks at real servers of nat for their own address, of tun by the tunnel's device", () => {
    const shut = behind(closed())
    const nat = director("lb1", {}, { services: servicesBy("nat") })
    expect(found("F04", nat, realServer(shut))).toEqual([
      "rs1: drops tcp to 10.77.0.21 port 80 (iptables filter INPUT)",
    ])
    const byDevice = (name: string) =>
      closed({
        rules: [{ tests: [{ kind: "interface", names: [name] }], action: { kind: "accept" } }],
      })
    const tun = director("lb1", {}, { services: servicesBy("tun") })
    expect(found("F04", tun, tunnelled(byDevice("tunl0")))).toEqual([])
    expect(found("F04", tun, tunnelled(byDevice("eth0")))).toHaveLength(1)
  })

  it("F04 looks at every port of a service by firewall mark", () => {
    const marked: DirectorState["services"] = servicesBy("dr").map((service) => ({
      ...service,
      key: { kind: "fwmark", fwmark: 5, family: 4 },
      matches: [
        { address: vip, protocol: "tcp", first: 80, last: 80 },
        { address: vip, protocol: "tcp", first: 443, last: 443 },
      ],
    }))
    const half = behind(closed({ rules: [port(80)] }))
    expect(found("F04", director("lb1", half, { services: marked }))).toEqual([
      `lb1: drops tcp to ${vip} port 443 (iptables filter INPUT)`,
    ])
  })

  it("tells firewalld's words where the table is its own", () => {
    const table = closed({ tool: "nft", table: "inet firewalld", name: "filter_INPUT" })
    const [f01] = foundBy(filterChecks, "F01", ward(director("lb1", behind(table))))
    const [f04] = foundBy(filterChecks, "F04", ward(director("lb1", behind(table))))
    expect([f01?.cure, f04?.cure].map((cure) => cure?.split(" on ")[0])).toEqual([
      "firewall-cmd --permanent --add-protocol=112 && firewall-cmd --reload",
      "firewall-cmd --permanent --add-port=80/tcp && firewall-cmd --reload",
    ])
  })

  it("S10 finds conntrack with a rule against the invalid, where packets come one way only", () => {
    const invalid = closed({
      base: { hook: "input", type: "filter", priority: 0, policy: "accept" },
      rules: [{ tests: [{ kind: "state", states: ["invalid"] }], action: { kind: "drop" } }],
    })
    const by = (conntrack: string, services = servicesBy("dr")) => {
      const tracking = switches({ "net/ipv4/vs/conntrack": conntrack })
      const examined = { filter: [invalid], switches: tracking }
      return found("S10", director("lb1", { examined }, { services }))
    }
    expect(by("1")).toEqual([
      "lb1: conntrack is 1, and iptables filter INPUT drops what is INVALID",
    ])
    expect([by("0"), by("1", servicesBy("nat"))]).toEqual([[], []])
  })
})

import { describe, expect, it } from "vitest"
import type { DirectorState } from "../../../src/model/desired.ts"
import type { Examination, IpRoute } from "../../../src/model/doctor.ts"
import type { Tunnel } from "../../../src/model/ipvs.ts"
import { tunnelChecks } from "../../../src/plan/doctor/tunnels.ts"
import { director, foundBy, messages, realServer, servicesBy, switches, ward } from "./ward.ts"

/** How the director reaches the real server, and the real server its clients. */
interface Ways {
  readonly services?: DirectorState["services"]
  readonly towards?: Partial<IpRoute>
  readonly back?: Partial<IpRoute>
  readonly pmtuDisc?: string
  readonly filter?: Examination["filter"]
}

function hosts({ services = servicesBy("tun"), towards, back, pmtuDisc = "1", filter = [] }: Ways) {
  const lb1 = director(
    "lb1",
    {
      examined: {
        switches: switches({ "net/ipv4/vs/pmtu_disc": pmtuDisc }),
        routes: new Map([["10.77.0.21", { device: "eth0", ...towards }]]),
      },
    },
    { services },
  )
  const route = { family: 4, via: "10.77.0.1", device: "eth0", ...back } as const
  return ward(lb1, realServer({ examined: { defaultRoutes: [route], filter } }))
}

const found = (id: string, ways: Ways = {}) => messages(tunnelChecks, id, hosts(ways))

describe("the doctor on tunnels", () => {
  it("N14 finds a way without room for the tunnel's header, and names the segment that fits", () => {
    expect(foundBy(tunnelChecks, "N14", hosts({}))).toEqual([
      {
        host: "lb1",
        message: "the way to rs1 10.77.0.21 takes 1480 bytes, and a client's packet has 1500",
        cure: "on rs1: ip -4 route replace default via 10.77.0.1 dev eth0 advmss 1440, also for the next boot",
      },
    ])
  })

  it("N14 counts the header of each kind of tunnel", () => {
    const by = (tunnel: Tunnel) =>
      found("N14", {
        services: servicesBy("tun").map((service) => ({
          ...service,
          servers: service.servers.map((server) => ({ ...server, tunnel })),
        })),
      }).join("")
    expect(by({ type: "gre" })).toContain("takes 1476 bytes")
    expect(by({ type: "gue", port: 6080 })).toContain("takes 1468 bytes")
  })

  it("N14 is content with a larger way there, and with smaller segments", () => {
    expect(found("N14", { towards: { mtu: 1520 } })).toEqual([])
    expect(found("N14", { back: { advmss: 1440 } })).toEqual([])
    expect(found("N14", { back: { mtu: 1480 } })).toEqual([])
    expect(found("N14", { back: { advmss: 1441 } })).toHaveLength(1)
  })

  it("N14 is content with a rule that asks for smaller segments", () => {
    const clamp = {
      tool: "iptables",
      table: "mangle",
      name: "OUTPUT",
      families: [4],
      rules: [{ tests: [{ kind: "protocol", protocols: [6] }], action: { kind: "clamp" } }],
    } as const
    expect(found("N14", { filter: [clamp] })).toEqual([])
  })

  it("N14 asks nothing of dr, nor of UDP", () => {
    expect(found("N14", { services: servicesBy("dr") })).toEqual([])
    const services = servicesBy("tun").map((service) => ({
      ...service,
      key: { kind: "address", protocol: "udp", address: "10.77.0.100", port: 53 } as const,
    }))
    expect(found("N14", { services })).toEqual([])
  })

  it("S16 tells of fragments where the director makes them, and N14 is silent then", () => {
    expect(found("S16", { pmtuDisc: "0" })).toEqual([
      "lb1: sends full packets to rs1 10.77.0.21 in two fragments",
    ])
    expect(found("N14", { pmtuDisc: "0" })).toEqual([])
    expect(found("S16")).toEqual([])
  })
})

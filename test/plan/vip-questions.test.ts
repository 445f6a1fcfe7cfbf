import { describe, expect, it } from "vitest"
import type { DesiredService } from "../../src/model/desired.ts"
import { servedVips, type ServedVip } from "../../src/plan/vip-questions.ts"
import { directorState } from "./fixtures.ts"

const servers = [
  { host: "rs1", address: "10.77.0.21" },
  { host: "rs2", address: "10.77.0.22", weight: 0 },
]
const both = new Set(["rs1", "rs2"])

function service(parts: Partial<DesiredService> = {}): DesiredService {
  const [web] = directorState(servers).services
  if (web === undefined) throw new Error("no service")
  return { ...web, ...parts }
}

const served = (parts: Partial<DesiredService>, hosts = both): ServedVip[] =>
  servedVips({ services: [service(parts)] }, "demo", hosts)

describe("where real servers must answer on VIPs", () => {
  it("is every VIP and port of their services, whatever their weight", () => {
    expect(served({})).toMatchObject([
      {
        host: "rs1",
        service: "web",
        endpoint: "tcp 10.77.0.100:80",
        question: { vip: "10.77.0.100", protocol: "tcp", port: 80, server: "10.77.0.21" },
      },
      { host: "rs2", question: { server: "10.77.0.22" } },
    ])
  })

  it("is that of the chosen hosts and of this cluster alone", () => {
    expect(served({}, new Set(["rs2"])).map(({ host }) => host)).toEqual(["rs2"])
    expect(servedVips({ services: [service()] }, "other", both)).toEqual([])
  })

  it("is asked inside of the tunnel of a tun real server", () => {
    const [first] = service().servers
    const tun = (more: object) =>
      first === undefined ? [] : [{ ...first, forwarding: "tun" as const, ...more }]
    expect(served({ servers: tun({}) })).toMatchObject([{ question: { tunnel: { type: "ipip" } } }])
    const tunnel = { type: "gue", port: 5555 } as const
    expect(served({ servers: tun({ tunnel }) })).toMatchObject([{ question: { tunnel } }])
  })

  it("is each VIP of a fwmark service on the first port of each range", () => {
    const matches = [
      { address: "10.77.0.100", protocol: "tcp", first: 8000, last: 8099 },
      { address: "fd77::100", protocol: "udp", first: 0, last: 99 },
    ] as const
    const key = { kind: "fwmark", fwmark: 7, family: 4 } as const
    expect(served({ key, matches }, new Set(["rs1"])).map(({ endpoint }) => endpoint)).toEqual([
      "tcp 10.77.0.100:8000",
      "udp [fd77::100]:1",
    ])
  })

  it("is the port of the check where every port is served; without one it cannot be asked", () => {
    const key = { kind: "address", protocol: "tcp", address: "10.77.0.100", port: 0 } as const
    expect(served({ key })[0]).toMatchObject({
      endpoint: "tcp 10.77.0.100",
      question: "any-port",
    })
  })

  it("is nowhere with nat, whose real servers hold no VIP, and is not asked over sctp", () => {
    const [first] = service().servers
    const nat = first === undefined ? [] : [{ ...first, forwarding: "nat" as const }]
    expect(served({ servers: nat })[0]?.question).toBe("nat")
    const key = { kind: "address", protocol: "sctp", address: "10.77.0.100", port: 80 } as const
    expect(served({ key })[0]?.question).toBe("sctp")
  })
})

import { describe, expect, it } from "vitest"
import { checkSource } from "../../../src/agent/decide/source.ts"
import { checkTargets } from "../../../src/agent/decide/targets.ts"
import type { DesiredVrrp, DirectorState } from "../../../src/model/desired.ts"
import { checkServices } from "../../../src/plan/ipvs-checks.ts"
import { check, director, marked, server, service } from "../../plan/samples.ts"

const vrrp: DesiredVrrp = {
  cluster: "tokyo",
  instance: "tokyo",
  interface: "eth0",
  virtualRouterId: 51,
  priority: 150,
  advertIntervalMs: 1000,
  preempt: false,
  anchor: "169.254.255.51",
  vips: ["192.0.2.10", "2001:db8::10"],
  source: "192.0.2.1",
  unicastPeers: [],
  directors: ["lb1"],
  garpRefreshMs: 1000,
  lowestPeerPriority: 100,
}

function on(name: string, address: string, family: 4 | 6 = 4) {
  return { interface: name, address, family }
}

function targets(state: DirectorState) {
  return checkTargets(state, checkServices(state), [on("eth0", "192.0.2.1")])
}

describe("checkTargets", () => {
  it("asks through the VIP with the server's mark, from VRRP's source", () => {
    const state = { ...director(service({ check })), vrrp: [vrrp] }
    const [first] = targets(state)
    expect(first).toMatchObject({
      key: "tcp 192.0.2.10:80 10.0.0.1:80",
      address: "192.0.2.10",
      port: 80,
      source: "192.0.2.1",
    })
    expect(first?.mark).toBeGreaterThanOrEqual(0x6c620000)
  })

  it("asks for each cluster and family from a source of its own", () => {
    const direct = { ...check, via: "address" } as const
    const six = [server(1, { address: "2001:db8::21", forwarding: "tun" })]
    const state = {
      ...director(
        service({ check: direct }),
        service({ check: direct, cluster: "osaka", servers: [server(3)] }),
        service({ check: direct, servers: six }),
      ),
      vrrp: [vrrp, { ...vrrp, cluster: "osaka", source: "192.0.2.2" }],
    }
    const held = [on("eth0", "192.0.2.1"), on("eth0", "192.0.2.2"), on("eth0", "2001:db8::1", 6)]
    expect(checkTargets(state, checkServices(state), held).map(({ source }) => source)).toEqual([
      "192.0.2.1",
      "192.0.2.1",
      "192.0.2.2",
      "2001:db8::1",
    ])
  })

  it("asks by the first VIP of a firewall mark, with the server's own mark", () => {
    const [first] = targets(director(marked({ check: { ...check, port: 443 } })))
    expect(first).toMatchObject({
      key: "fwmark 12 10.0.0.1:0",
      address: "192.0.2.10",
      port: 443,
      vip: "192.0.2.10",
    })
    expect(first?.mark).toBeGreaterThanOrEqual(0x6c620000)
  })

  it("asks the server's own address where the check says so, on the check's port", () => {
    const direct = { ...check, via: "address", port: 8080 } as const
    const [first] = targets(director(service({ check: direct, servers: [server(7)] })))
    expect(first).toMatchObject({ address: "10.0.0.7", port: 8080, vip: "192.0.2.10" })
    expect(first).not.toHaveProperty("mark")
    expect(first).not.toHaveProperty("source")
  })

  it("asks nobody of a service without a check", () => {
    expect(targets(director(service()))).toEqual([])
  })
})

describe("checkSource", () => {
  const state = { ...director(service()), vrrp: [vrrp] }

  it("chooses only addresses the host holds", () => {
    expect(checkSource(state, service(), 4, [on("eth0", "192.0.2.1")])).toBe("192.0.2.1")
    expect(checkSource(state, service(), 4, [])).toBeUndefined()
  })

  it("finds the interface's own IPv6 address beside VIPs and link-local ones", () => {
    const held = [
      on("eth0", "fe80::1", 6),
      on("eth0", "2001:db8::10", 6),
      on("eth1", "2001:db8:1::1", 6),
      on("eth0", "2001:db8::1", 6),
    ]
    expect(checkSource(state, service(), 6, held)).toBe("2001:db8::1")
  })
})

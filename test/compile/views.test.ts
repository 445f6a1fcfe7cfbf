import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hostViews } from "../../src/compile/views.ts"
import { canonicalJson } from "../../src/core/digest.ts"
import { destinationName, serviceName } from "../../src/model/ipvs.ts"
import { matchName } from "../../src/model/mark-rules.ts"
import type { HostView } from "../../src/model/desired.ts"
import type { Sources } from "./fixtures.ts"
import { brief, fleetOf, tokyoClusters, tokyoHosts } from "./fixtures.ts"

const agent = { id: "a1", path: "/opt/lbctl/agent/a1" }

function viewsOf(sources: Sources): ReadonlyMap<string, HostView> {
  const { fleet, problems } = fleetOf(sources)
  expect(brief(problems.filter(({ severity }) => severity !== "warning"))).toEqual([])
  return new Map(hostViews(fleet, agent).map((view) => [view.host, view]))
}

const both = {
  services: `
services:
  web:
    cluster: tokyo
    vip: ["2001:db8::10", 192.0.2.10]
    ports: [443, 80]
    persistence: { timeout: 50s, prefix4: 24, prefix6: 64 }
    sorry_server: 192.0.2.99:80
    backends: { hosts: { rs3: { weight: 5 } } }
  dns:
    cluster: tokyo
    vip: 192.0.2.11
    ports: [53/udp, 53/tcp, 5353/udp]
    one_packet: false
`,
}

describe("a director's view", () => {
  it("has a kernel service a VIP and port, in canonical order", () => {
    const services = viewsOf(both).get("lb1")?.director?.services ?? []
    expect(services.map(({ key }) => serviceName(key))).toEqual([
      "tcp 192.0.2.10:80",
      "tcp 192.0.2.10:443",
      "tcp 192.0.2.11:53",
      "udp 192.0.2.11:53",
      "udp 192.0.2.11:5353",
      "tcp [2001:db8::10]:80",
      "tcp [2001:db8::10]:443",
    ])
  })

  it("has one service a family for a firewall mark, of all its VIPs and ports", () => {
    const text = `
services:
  shop:
    cluster: tokyo
    vip: ["2001:db8::10", 192.0.2.10, 192.0.2.11]
    ports: [443, 80, 81, 50000-50010/udp, 0/sctp]
    fwmark: 12
    sorry_server: 192.0.2.99:80
`
    const view = viewsOf({ services: text }).get("lb1")?.director
    const [four, six, ...others] = view?.services ?? []
    expect(others).toEqual([])
    expect([four, six].map((one) => one && serviceName(one.key))).toEqual([
      "fwmark 12",
      "fwmark 12 inet6",
    ])
    const ports = ["sctp *", "tcp 80-81", "tcp 443", "udp 50000-50010"]
    expect(four?.matches?.map(matchName)).toEqual(
      ["192.0.2.10", "192.0.2.11"].flatMap((vip) =>
        ports.map((port) => port.replace(" ", ` ${vip}:`)),
      ),
    )
    expect(six?.matches?.map(matchName)).toEqual(
      ports.map((port) => port.replace(" ", " [2001:db8::10]:")),
    )
    // A mark finds packets of any port: they go on with theirs, and one check stands for all.
    expect(four?.servers.map(destinationName)).toEqual([
      "192.0.2.21:0",
      "192.0.2.22:0",
      "192.0.2.23:0",
    ])
    expect(four?.check).toMatchObject({ type: "tcp", port: 80 })
    expect(four?.sorryServer).toMatchObject({ address: "192.0.2.99", port: 0 })
    expect(six?.sorryServer).toBeUndefined()
    expect(view?.vrrp[0]?.vips).toEqual(["192.0.2.10", "192.0.2.11", "2001:db8::10"])
  })

  it("has the real servers of the VIP's family in order of address", () => {
    const services = viewsOf(both).get("lb1")?.director?.services ?? []
    const servers = services.map(({ servers: own }) => own.map(destinationName))
    expect(servers[0]).toEqual(["192.0.2.21:80", "192.0.2.22:80", "192.0.2.23:80"])
    expect(servers[6]).toEqual(["[2001:db8::21]:443", "[2001:db8::22]:443", "[2001:db8::23]:443"])
    expect(services[0]?.servers.map(({ weight }) => weight)).toEqual([1, 1, 5])
  })

  it("names where metrics are served, where clusters.yml does", () => {
    const metrics = "metrics: { listen: '[::1]:9420' }\n"
    const views = viewsOf({ ...both, clusters: `${metrics}${tokyoClusters}` })
    expect(views.get("lb1")?.director?.metrics).toEqual({ listen: { address: "::1", port: 9420 } })
    expect(viewsOf(both).get("lb1")?.director).not.toHaveProperty("metrics")
    const { problems } = fleetOf({ clusters: `metrics: { listen: 9420 }\n${tokyoClusters}` })
    expect(problems.length).toBeGreaterThan(0)
  })

  it("gives persistence the prefix of the VIP's family", () => {
    const services = viewsOf(both).get("lb1")?.director?.services ?? []
    expect(services[0]?.persistence).toEqual({ timeoutSeconds: 50, prefixLength: 24 })
    expect(services[6]?.persistence).toEqual({ timeoutSeconds: 50, prefixLength: 64 })
  })

  it("gives the sorry server to the port and family that it can serve", () => {
    const services = viewsOf(both).get("lb1")?.director?.services ?? []
    const served = services.filter(({ sorryServer }) => sorryServer !== undefined)
    expect(served.map(({ key }) => serviceName(key))).toEqual(["tcp 192.0.2.10:80"])
    expect(served[0]?.sorryServer).toEqual({ address: "192.0.2.99", port: 80, forwarding: "dr" })
  })

  it("lets a udp port follow the tcp port of its number", () => {
    const services = viewsOf(both).get("lb1")?.director?.services ?? []
    const checked = services.filter(({ check }) => check !== undefined)
    expect(checked.map(({ key }) => serviceName(key))).not.toContain("udp 192.0.2.11:5353")
    expect(checked.map(({ key }) => serviceName(key))).toContain("udp 192.0.2.11:53")
  })

  it("makes a service of each port of a range", () => {
    const services = viewsOf({
      services:
        "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [8000-8002/tcp, 53-54/udp] } }",
    }).get("lb1")?.director?.services
    expect(services?.map(({ key }) => serviceName(key))).toEqual([
      "udp 192.0.2.10:53",
      "udp 192.0.2.10:54",
      "tcp 192.0.2.10:8000",
      "tcp 192.0.2.10:8001",
      "tcp 192.0.2.10:8002",
    ])
  })

  it("hands all ports on as they come, to the sorry server too, and checks only a port it is told", () => {
    const all = (more: string) =>
      viewsOf({
        services: `services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [0/tcp],
          persistence: { timeout: 5m }, sorry_server: "192.0.2.99:80"${more} } }`,
      }).get("lb1")?.director?.services[0]
    expect(all("")?.servers.map(destinationName)[0]).toBe("192.0.2.21:0")
    expect(all("")?.sorryServer?.port).toBe(0)
    expect(all("")?.check).toBeUndefined()
    expect(all(", check: { type: tcp, port: 80 }")?.check?.port).toBe(80)
  })

  it("remaps ports with nat", () => {
    const services = viewsOf({
      services:
        "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [80], forwarding: nat, backends: { port: 8080 } } }",
    }).get("lb2")?.director?.services
    expect(services?.[0]?.servers.map(destinationName)[0]).toBe("192.0.2.21:8080")
  })

  it("has a VRRP instance that carries all VIPs of the cluster", () => {
    const views = viewsOf(both)
    expect(views.get("lb1")?.agent).toEqual(agent)
    expect(views.get("lb1")?.director?.vrrp).toEqual([
      {
        cluster: "tokyo",
        host: "lb1",
        instance: "tokyo",
        interface: "eth0",
        virtualRouterId: 51,
        priority: 150,
        advertIntervalMs: 1000,
        preempt: false,
        anchor: "169.254.255.51",
        vips: ["192.0.2.10", "192.0.2.11", "2001:db8::10"],
        source: "192.0.2.2",
        unicastPeers: ["192.0.2.3"],
        directors: ["lb1", "lb2"],
        garpRefreshMs: 1000,
        lowestPeerPriority: 140,
      },
    ])
    expect(views.get("lb2")?.director?.vrrp[0]?.lowestPeerPriority).toBe(150)
  })

  it("names no peers for multicast, and itself where it has none", () => {
    const alone = tokyoClusters.replace("directors: lb", "directors: [lb1]")
    const [vrrp] = viewsOf({ clusters: alone }).get("lb1")?.director?.vrrp ?? []
    expect(vrrp).toMatchObject({ unicastPeers: [], lowestPeerPriority: 150 })
    const multicast = tokyoClusters.replace("51 }", "51, unicast: false }")
    expect(viewsOf({ clusters: multicast }).get("lb1")?.director?.vrrp[0]?.unicastPeers).toEqual([])
  })

  it("joins all clusters that it directs", () => {
    const clusters = `${tokyoClusters}    connection_sync: { interface: eth1 }
  osaka:
    directors: lb
    real_servers: web
    vrrp: { interface: eth0, virtual_router_id: 52 }
`
    const services = `${both.services}
  other: { cluster: osaka, vip: 192.0.2.12, ports: [80] }`
    const state = viewsOf({ clusters, services }).get("lb1")?.director
    expect(state?.vrrp.map(({ instance, vips }) => [instance, vips.length])).toEqual([
      ["osaka", 1],
      ["tokyo", 3],
    ])
    expect(state?.services).toHaveLength(8)
    expect(state?.connectionSync).toEqual([{ instance: "tokyo", interface: "eth1", id: 51 }])
  })
})

describe("a real server's view", () => {
  it("has the VIPs that reach it by dr, with their services", () => {
    expect(viewsOf(both).get("rs1")?.realserver).toEqual({
      vips: [
        { address: "192.0.2.10", prefix: 32, family: 4, services: ["web"], device: "lo" },
        { address: "192.0.2.11", prefix: 32, family: 4, services: ["dns"], device: "lo" },
        { address: "2001:db8::10", prefix: 128, family: 6, services: ["web"], device: "lo" },
      ],
      tunnels: [],
    })
  })

  it("has the tunnels of its services", () => {
    const services = `services:
  web: { cluster: tokyo, vip: [192.0.2.10, "2001:db8::10"], ports: [80], forwarding: tun }
  api: { cluster: tokyo, vip: 192.0.2.11, ports: [80], forwarding: tun, tunnel: { type: gue, port: 5555 } }`
    const view = viewsOf({ services }).get("rs1")?.realserver
    expect(view?.tunnels).toEqual(["gue", "ip6tnl", "ipip"])
    expect(view?.gueSockets).toEqual([{ port: 5555, family: 4 }])
  })

  it("stands a tunnelled IPv4 VIP on the tunnel's device, and all others on the loopback", () => {
    const services = `services:
  web: { cluster: tokyo, vip: [192.0.2.10, "2001:db8::10"], ports: [80], forwarding: tun }
  gre: { cluster: tokyo, vip: 192.0.2.11, ports: [80], forwarding: tun, tunnel: { type: gre } }
  dns: { cluster: tokyo, vip: 192.0.2.12, ports: [53/udp] }`
    const vips = viewsOf({ services }).get("rs1")?.realserver?.vips ?? []
    expect(vips.map(({ address, device }) => [address, device])).toEqual([
      ["192.0.2.10", "tunl0"],
      ["192.0.2.11", "gre0"],
      ["192.0.2.12", "lo"],
      ["2001:db8::10", "lo"],
    ])
  })

  it("is empty with nat, though the host has a part", () => {
    const services =
      "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [80], forwarding: nat } }"
    const view = viewsOf({ services }).get("rs1")
    expect(view?.host).toBe("rs1")
    expect(view?.realserver).toBeUndefined()
  })

  it("is that of a sorry server among the hosts too", () => {
    const hosts = { ...tokyoHosts, sorry: { groups: [], ansible_host: "192.0.2.99" } }
    const view = viewsOf({ ...both, hosts }).get("sorry")
    expect(view?.realserver?.vips.map(({ address }) => address)).toEqual(["192.0.2.10"])
  })
})

describe("views", () => {
  it("are of hosts with a part, and of others on demand", () => {
    const hosts = { ...tokyoHosts, db: { groups: ["db"], ansible_host: "192.0.2.80", motd: "hi" } }
    const { fleet } = fleetOf({ hosts })
    expect(hostViews(fleet).map(({ host }) => host)).not.toContain("db")
    const [view] = hostViews(fleet, agent, new Set(["db"])).slice(-1)
    expect(view).toMatchObject({ host: "db", groups: ["all", "db"], vars: { motd: "hi" } })
    expect(view?.agent).toBeUndefined()
  })

  it("are the same bytes however the keys of the files are ordered", () => {
    const services = ["alpha", "beta", "gamma"].map(
      (name, index) => `  ${name}: { cluster: tokyo, vip: 192.0.2.${30 + index}, ports: [80] }`,
    )
    const keys = [
      "cluster: tokyo",
      "vip: 192.0.2.10",
      "ports: [80]",
      "scheduler: wrr",
      "check: none",
    ]
    const weights = ["rs1: { weight: 1 }", "rs2: { weight: 2 }", "rs3: { weight: 3 }"]
    const bytes = (order: { services: string[]; keys: string[]; weights: string[] }) => {
      const web = `  web: { ${order.keys.join(", ")}, backends: { hosts: { ${order.weights.join(", ")} } } }`
      const { fleet } = fleetOf({ services: `services:\n${[...order.services, web].join("\n")}` })
      return JSON.stringify(hostViews(fleet, agent))
    }
    const shuffled = <T>(items: T[]) =>
      fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length })
    const wanted = bytes({ services, keys, weights })
    fc.assert(
      fc.property(
        fc.record({
          services: shuffled(services),
          keys: shuffled(keys),
          weights: shuffled(weights),
        }),
        (order) => {
          expect(bytes(order)).toBe(wanted)
        },
      ),
      { numRuns: 25 },
    )
  })

  it("hold nothing but data", () => {
    const { fleet } = fleetOf(both)
    const views = hostViews(fleet, agent)
    expect(JSON.parse(canonicalJson(views))).toEqual(views)
  })
})

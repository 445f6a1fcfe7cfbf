import { describe, expect, it } from "vitest"
import { compileFleet } from "../../src/compile/fleet.ts"
import type { Sources } from "./fixtures.ts"
import { brief, documents, fleetOf, tokyoHosts } from "./fixtures.ts"

const web = (body: string): Sources => ({
  services: `services:\n  web:\n    cluster: tokyo\n    vip: 192.0.2.10\n    ports: [80]\n${body
    .split("\n")
    .map((line) => `    ${line}\n`)
    .join("")}`,
})

const serviceOf = (sources: Sources) => {
  const { fleet, problems } = fleetOf(sources)
  expect(brief(problems)).toEqual([])
  return fleet.services[0]
}

const clusters = (body: string) => ({ clusters: `clusters:\n  tokyo:\n${body}` })
const vrrp = "    vrrp: { interface: eth0, virtual_router_id: 51 }"

describe("defaults", () => {
  it("make a small definition whole", () => {
    expect(serviceOf({})).toMatchObject({
      name: "web",
      cluster: "tokyo",
      vips: ["192.0.2.10"],
      ports: [{ port: 80, protocol: "tcp" }],
      scheduler: "wlc",
      flags: [],
      onePacket: false,
      forwarding: "dr",
      check: {
        type: "tcp",
        intervalMs: 6000,
        timeoutMs: 3000,
        retries: 1,
        delayBeforeRetryMs: 1000,
        rise: 1,
        via: "vip",
      },
      quorum: { up: 1, hysteresis: 0 },
      inhibitOnFailure: false,
      drainTimeoutMs: 30_000,
    })
  })

  it("say nothing of a loss that goes by the defaults, so that older definitions read the same", () => {
    for (const body of ["all_down: keep_last", "all_down: sorry\nsorry_server: 192.0.2.22:80"])
      expect(serviceOf(web(body))).not.toHaveProperty("allDown")
    expect(serviceOf(web("all_down: remove"))).toMatchObject({ allDown: "remove" })
  })

  it("bring a watermark back where it was lost, and lose it with the last server", () => {
    const marks = (text: string) =>
      serviceOf(web(`all_down: remove\nwatermark: ${text}`))?.watermark
    expect(marks("{ low: 0.5 }")).toEqual({ low: 0.5, high: 0.5 })
    expect(marks("{ high: 0.5 }")).toEqual({ low: 0, high: 0.5 })
  })

  it("give directors distinct priorities by order, and the cluster an anchor by its VRID", () => {
    const [cluster] = fleetOf().fleet.clusters
    expect(cluster?.directors.map(({ host, priority }) => [host, priority])).toEqual([
      ["lb1", 150],
      ["lb2", 140],
    ])
    expect(cluster?.vrrp).toEqual({
      driver: "keepalived",
      virtualRouterId: 51,
      advertIntervalMs: 1000,
      preempt: false,
      unicast: true,
      anchor: "169.254.255.51",
      garpRefreshMs: 1000,
    })
  })

  it("ask nat servers by their own address, and nobody on udp", () => {
    expect(serviceOf(web("forwarding: nat"))?.check?.via).toBe("address")
    const udp = {
      services: "services: { dns: { cluster: tokyo, vip: 192.0.2.10, ports: [53/udp] } }",
    }
    expect(serviceOf(udp)?.check).toBeUndefined()
    expect(serviceOf(web("check: none"))?.check).toBeUndefined()
  })

  it("tunnel by ipip", () => {
    expect(serviceOf(web("forwarding: tun"))?.backends[0]?.tunnel).toEqual({ type: "ipip" })
  })
})

describe("hosts", () => {
  it("have the address of ansible_host or their name, unless lbctl_address says otherwise", () => {
    const { fleet } = fleetOf({
      hosts: {
        ...tokyoHosts,
        "192.0.2.24": { groups: ["web"] },
        rs5: { groups: ["web"], ansible_host: "rs5.example.org", lbctl_address: "192.0.2.25" },
        "2001:DB8::26": { groups: [], ansible_host: "rs6.example.org" },
      },
    })
    expect(fleet.hosts.slice(5).map(({ addresses }) => addresses)).toEqual([
      ["192.0.2.24"],
      ["192.0.2.25"],
      ["2001:db8::26"],
    ])
  })

  it.each([
    [{ ansible_host: "rs9.example.org" }, "rs9 has no data address"],
    [{ lbctl_address: "rs9.example.org" }, 'names "rs9.example.org", which is no IP address'],
    [{ lbctl_address: [{ v4: 1 }] }, "which is no IP address"],
    [{ lbctl_address: ["192.0.2.1", "192.0.2.9"] }, "has not one address a family"],
    [{ lbctl_address: [] }, "has not one address a family"],
  ])("need an address when they serve: %j", (vars, words) => {
    const serving = fleetOf({ hosts: { ...tokyoHosts, rs9: { groups: ["web"], ...vars } } })
    expect(brief(serving.problems)).toEqual(["host-address hosts.yml:6"])
    expect(serving.problems[0]?.message).toContain(words)
    const idle = fleetOf({ hosts: { ...tokyoHosts, rs9: { groups: ["other"], ...vars } } })
    expect(idle.problems).toEqual([])
  })

  it("have their connection checked only where lbctl connects", () => {
    const bad = { ansible_host: "192.0.2.29", ansible_port: "ssh" }
    const idle = fleetOf({ hosts: { ...tokyoHosts, db: { groups: ["db"], ...bad } } })
    expect(idle.problems).toEqual([])
    const serving = fleetOf({ hosts: { ...tokyoHosts, rs9: { groups: ["web"], ...bad } } })
    expect(brief(serving.problems)).toEqual(["connection-value hosts.yml:6"])
  })
})

describe("references", () => {
  it.each<[string, Sources, string, string]>([
    [
      "unknown cluster",
      { services: "services: { web: { cluster: tokio, vip: 192.0.2.10, ports: [80] } }" },
      "cluster-unknown services/0.yml:1",
      'did you mean "tokyo"?',
    ],
    [
      "unknown group",
      web("backends: { group: wep }"),
      "group-unknown services/0.yml:6",
      'did you mean "web"?',
    ],
    [
      "host for a group",
      clusters(`    directors: lb1\n    real_servers: web\n${vrrp}`),
      "group-unknown clusters.yml:3",
      'did you mean "lb"?',
    ],
    [
      "unknown director",
      clusters(`    directors: [lb1, lb3]\n    real_servers: web\n${vrrp}`),
      "host-unknown clusters.yml:3",
      'did you mean "lb1"?',
    ],
    [
      "unknown backend",
      web("backends:\n  hosts: { rs4: { weight: 2 } }"),
      "host-unknown services/0.yml:7",
      'did you mean "rs1"?',
    ],
    [
      "backend of another group",
      web("backends:\n  hosts: { lb1: { weight: 2 } }"),
      "backend-outside-group services/0.yml:7",
      "add lb1 to the group",
    ],
    [
      "no backends",
      { ...clusters(`    directors: lb\n${vrrp}`) },
      "backends-missing services/0.yml:3",
      "name a group",
    ],
    [
      "two files with one service",
      {
        services: [1, 2].map(
          () => "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [80] } }",
        ),
      },
      "service-twice services/1.yml:1",
      "services/0.yml:1",
    ],
    [
      "a VIP twice",
      {
        services:
          'services: { web: { cluster: tokyo, vip: ["2001:db8::10", "2001:DB8:0::10"], ports: [80] } }',
      },
      "vip-repeated services/0.yml:1",
      "remove",
    ],
    [
      "a port twice",
      { services: "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [80, 80/tcp] } }" },
      "port-twice services/0.yml:1",
      "tcp port",
    ],
    [
      "a port out of range",
      { services: "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [65536/udp] } }" },
      "port-range services/0.yml:1",
      "65535",
    ],
    [
      "a range of ports that begins with all",
      { services: "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [0-80/tcp] } }" },
      "port-range services/0.yml:1",
      "0 alone",
    ],
    [
      "a range of ports the wrong way round",
      { services: "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [90-80/tcp] } }" },
      "port-range services/0.yml:1",
      "lower number",
    ],
    [
      "a range of too many ports",
      { services: "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [1-2000/udp] } }" },
      "port-range services/0.yml:1",
      "shorter ranges",
    ],
    [
      "a port within a range before it",
      { services: "services: { web: { cluster: tokyo, vip: 192.0.2.10, ports: [80-90, 85] } }" },
      "port-twice services/0.yml:1",
      "remove one",
    ],
    [
      "a tunnel for dr",
      web("tunnel: { type: ipip }"),
      "tunnel services/0.yml:6",
      "forwarding: tun",
    ],
    [
      "gue without port",
      web("forwarding: tun\ntunnel: { type: gue }"),
      "tunnel services/0.yml:7",
      "UDP port",
    ],
    [
      "gre with port",
      web("forwarding: tun\ntunnel: { type: gre, port: 5 }"),
      "tunnel services/0.yml:7",
      "gue",
    ],
    [
      "priority of a stranger",
      clusters(
        `    directors: lb\n    real_servers: web\n    vrrp: { interface: eth0, virtual_router_id: 51, priority: { lb3: 5 } }`,
      ),
      "director-unknown clusters.yml:5",
      'did you mean "lb1"?',
    ],
    [
      "interface of one only",
      clusters(
        `    directors: lb\n    real_servers: web\n    vrrp: { interface: { lb1: eth0 }, virtual_router_id: 51 }`,
      ),
      "director-interface clusters.yml:5",
      "lb2: eth0",
    ],
    [
      "a director without the anchor's family",
      { hosts: { ...tokyoHosts, lb2: { groups: ["lb"], ansible_host: "2001:db8::3" } } },
      "director-address hosts.yml:2",
      "lbctl_address",
    ],
  ])("that lead nowhere are told: %s", (_name, sources, where, hint) => {
    const { problems } = fleetOf(sources)
    expect(brief(problems)).toEqual([where])
    expect(problems[0]?.hint).toContain(hint)
  })

  it("to an empty group are told once", () => {
    const read = documents(web("backends: { group: spare }"))
    const groups = { ...read.inventory.groups, spare: [] }
    const { problems } = compileFleet({ ...read, inventory: { ...read.inventory, groups } })
    expect(brief(problems)).toEqual(["group-empty services/0.yml:6"])
  })

  it("of services are judged although the cluster has a mistake that is none of theirs", () => {
    const broken = clusters(
      `    directors: lb\n    real_servers: web\n    vrrp: { interface: eth0, virtual_router_id: 0 }`,
    )
    const { problems } = fleetOf({ ...broken, ...web("backends: { port: 81 }") })
    expect(brief(problems)).toEqual(["schema-value clusters.yml:5", "port-remap services/0.yml:6"])
  })

  it("of services are not judged by a cluster that can't be read", () => {
    const broken = clusters(`    directors: lb\n    real_severs: web\n${vrrp}`)
    expect(brief(fleetOf(broken).problems)).toEqual(["schema-unknown-key clusters.yml:4"])
  })
})

describe("backends", () => {
  it("come from the group, with what single hosts have of their own", () => {
    const service = serviceOf(
      web("backends: { weight: 3, upper_threshold: 9, hosts: { rs2: { weight: 0 }, rs3: } }"),
    )
    expect(
      service?.backends.map(({ host, weight, upperThreshold }) => [host, weight, upperThreshold]),
    ).toEqual([
      ["rs1", 3, 9],
      ["rs2", 0, 9],
      ["rs3", 3, 9],
    ])
  })

  it("are the hosts named, where no group is given at all", () => {
    const service = serviceOf({
      ...clusters(`    directors: lb\n${vrrp}`),
      ...web("backends: { hosts: { rs3: { weight: 2 }, rs1: {} } }"),
    })
    expect(service?.backends.map(({ host, weight }) => [host, weight])).toEqual([
      ["rs1", 1],
      ["rs3", 2],
    ])
  })
})

describe("places", () => {
  it("of services and clusters are those of their names", () => {
    const { fleet } = fleetOf()
    expect(fleet.services[0]?.at).toEqual({ file: "services/0.yml", line: 3, column: 3 })
    expect(fleet.clusters[0]?.at).toEqual({ file: "clusters.yml", line: 3, column: 3 })
  })
})

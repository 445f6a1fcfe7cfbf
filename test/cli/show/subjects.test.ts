import { describe, expect, it } from "vitest"
import {
  backendShown,
  destinationsShown,
  healthchecksShown,
} from "../../../src/cli/show/backends.ts"
import { serviceFacts } from "../../../src/cli/show/facts.ts"
import { haDetail, haFacts, haShown } from "../../../src/cli/show/ha.ts"
import {
  configShown,
  versionShown,
  vlansShown,
  warningsShown,
} from "../../../src/cli/show/hosts.ts"
import { nodeShown, nodesShown } from "../../../src/cli/show/nodes.ts"
import { fitRows, topJson, topMoment, topText, type TopOrder } from "../../../src/cli/show/top.ts"
import { vserverShown, vserversShown } from "../../../src/cli/show/vservers.ts"
import type { Seen } from "../../../src/cli/tables.ts"
import type { AgentStatus } from "../../../src/model/agent-status.ts"
import { emptyBundle } from "../../../src/cli/host-input.ts"
import { observed, view, vrrp } from "../../plan/fixtures.ts"
import {
  check,
  destination,
  director,
  held,
  noon,
  server,
  service,
  web,
} from "../../plan/samples.ts"

const nowMs = Date.parse(noon) + 180_000
const now = new Date(nowMs).toISOString()
const state = {
  ...director(service({ check, servers: [server(1), server(2), server(3, { weight: 5 })] })),
  vrrp: [vrrp({ cluster: "tokyo", instance: "tokyo" })],
}
const rates = { connections: 12, inPackets: 300, outPackets: 0, inBytes: 1_234_567, outBytes: 0 }
const traffic = { ...rates, connections: 5_000_000_000, inBytes: 2 ** 40 }

/** What the first release of the agent tells. */
const old: AgentStatus = {
  version: "0.1.0",
  running: true,
  table: [held([destination(1), destination(2, 0), destination(99)])],
  counters: [
    { service: web, server: "10.0.0.1:80", active: 7, inactive: 2, connections: 900 },
    { service: web, server: "10.0.0.2:80", active: 1, inactive: 0, connections: 100 },
  ],
  owned: [web],
  health: [
    { service: web, server: "10.0.0.1:80", state: "up", message: "HTTP 200", since: noon },
    { service: web, server: "10.0.0.3:80", state: "down", message: "no answer", since: noon },
  ],
  overrides: [],
  draining: [],
  vrrp: [{ instance: "tokyo", state: "MASTER", demoted: false }],
  warnings: [],
  desired: state,
}
const status: AgentStatus = {
  ...old,
  counters: old.counters.map((item) => ({ ...item, persistent: 4, traffic, rates })),
  services: [{ service: web, traffic, rates }],
  health: old.health.map((item) => ({ ...item, transitions: 3 })),
  quorum: [{ service: web, state: "up", since: noon, transitions: 2 }],
  vrrp: [{ instance: "tokyo", state: "MASTER", since: noon, demoted: false, transitions: 1 }],
  processes: [{ name: "health", pid: 7, since: noon, restarts: 1, lastEnd: "SIGKILL" }],
  loaded: { at: noon, ok: true },
  vlans: [{ id: 100, device: "eth0", parent: "bond0" }],
}

function seen(host: string, agent: Partial<AgentStatus> = {}, from = status): Seen {
  return {
    view: view({ host, director: state }),
    observed: observed({ host, release: "0123456789abcdef", agent: { ...from, ...agent } }),
  }
}

const backup = seen("lb2", {
  vrrp: [{ instance: "tokyo", state: "BACKUP", demoted: true, priority: 99 }],
})
const lost: Seen = { view: view({ host: "lb3", director: state }), error: "does not answer" }
const bare: Seen = { view: view({ host: "lb4", director: state }), observed: observed() }
const servers = (...all: Seen[]) => serviceFacts(all, now).flatMap((fact) => fact.servers)

describe("show vservers", () => {
  it("takes each service from its master, whatever the order of directors", () => {
    const [first, second] = [
      [backup, seen("lb1"), lost],
      [lost, seen("lb1"), backup],
    ]
    expect(vserversShown(serviceFacts(first, now))).toEqual(
      vserversShown(serviceFacts(second, now)),
    )
    expect(vserversShown(serviceFacts([lost, backup], now)).json).toMatchObject([
      { director: "lb2" },
    ])
  })

  it("counts real servers that take connections, and tells rates", () => {
    expect(vserversShown(serviceFacts([seen("lb1")], now)).text.split("\n")).toEqual([
      "NAME  SERVICE            SCHED  UP   ACTIVE  CONN/S  IN/S  OUT/S  DIRECTOR",
      "web   tcp 192.0.2.10:80  wlc    1/3  8       12      1.2M  0      lb1 (master)",
    ])
  })

  it("shows an older agent without what it does not tell", () => {
    expect(vserversShown(serviceFacts([seen("lb1", {}, old)], now)).text).toMatch(
      /wlc +1\/3 +8 +- +- +- +lb1 \(master\)$/,
    )
    expect(vserverShown(serviceFacts([seen("lb1", {}, old)], now), nowMs).text).toMatch(
      /now: +not told by this agent/,
    )
  })

  it("says that the kernel lacks a service", () => {
    expect(vserversShown(serviceFacts([seen("lb1", { table: [] })], now)).text).toContain("missing")
  })

  it("shows one with its definition, quorum, traffic and real servers", () => {
    const { text } = vserverShown(serviceFacts([seen("lb1")], now), nowMs)
    expect(text.split("\n")).toEqual([
      "web: tcp 192.0.2.10:80 on lb1 (master)",
      "  cluster:      tokyo",
      "  scheduler:    wlc",
      "  check:        tcp every 6s, timeout 3s, 1 retries",
      "  quorum:       up (up 1, hysteresis 0) for 3m",
      "  connections:  8 active, 2 inactive",
      "  now:          12 connections/s, in 300 packets/s 1.2M bytes/s, out 0 packets/s 0 bytes/s",
      "  in all:       5G connections, in 300 packets 1.1T bytes, out 0 packets 0 bytes",
      "",
      "  HOST  SERVER       STATE    FOR  WEIGHT     ACT/INACT  CONN/S  LAST CHECK",
      "  rs1   10.0.0.1:80  up       3m   1          7/2        12      HTTP 200",
      "  rs2   10.0.0.2:80  unknown  -    1/1/0      1/0        12",
      "  rs3   10.0.0.3:80  down     3m   5/out/out  0/0        -       no answer",
    ])
  })
})

describe("show destinations", () => {
  it("tells defined, wanted and held weights where they differ, and explains them", () => {
    const { text } = destinationsShown(servers(seen("lb1")), nowMs)
    expect(text).toContain("WEIGHT: defined/wanted now/in the kernel")
    expect(text).toContain("1/1/0")
    expect(text).toContain(`lb1: ${web} 10.0.0.3:80 down for 3m: no answer`)
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  it("tells 64-bit totals to machines", () => {
    expect(destinationsShown(servers(seen("lb1")), nowMs).json).toMatchObject([
      { host: "rs1", traffic: { connections: 5_000_000_000 }, rates, persistent: 4 },
      { host: "rs2", wantedWeight: 1, weight: 0 },
      { host: "rs3", definedWeight: 5, weight: undefined },
    ])
  })
})

describe("show backends NAME", () => {
  it("tells state, checks, transitions, weights and traffic for each service and director", () => {
    const own = servers(seen("lb1"), backup).filter(({ host }) => host === "rs1")
    const { text } = backendShown(own, nowMs)
    expect(text).toContain("rs1: 1 service, now 12 connections/s, in 300 packets/s")
    expect(text).toContain("state:        up for 3m, changed 3 times since the agent started")
    expect(text).toContain("weight:       1 defined, 1 wanted now, 1 in the kernel")
    expect(text).toContain("web: tcp 192.0.2.10:80 on lb2\n")
  })
})

describe("show healthchecks", () => {
  it("tells what was answered, since when, and how often it changed", () => {
    expect(healthchecksShown(servers(seen("lb1")), nowMs).text).toMatch(
      /rs3 +tcp 192.0.2.10:80 +lb1 +tcp +down +3m +3 +no answer$/m,
    )
  })
})

describe("show ha", () => {
  it("tells the state of every director, those that do not answer included", () => {
    const { text } = haShown(haFacts([seen("lb1"), backup, lost]), nowMs)
    expect(text.split("\n")).toEqual([
      "CLUSTER  DIRECTOR  STATE                 FOR  CHANGES  PRIORITY  VRID  VIPS",
      "tokyo    lb1       MASTER                3m   1        150       51    1",
      "tokyo    lb2       BACKUP (handed over)  -    -        99 (150)  51    1",
      "tokyo    lb3       no answer             -    -        150       51    1",
    ])
  })

  it("tells in detail who ordered the last change", () => {
    const told = { at: noon, kind: "vrrp", from: "MASTER", to: "BACKUP" } as const
    const changes = [
      { ...told, name: "tokyo", message: "failover by ann (fan)" },
      { ...told, name: "osaka", message: "" },
    ]
    expect(haDetail(haFacts([seen("lb1", { changes })]), nowMs).text).toMatch(
      /last change: +MASTER -> BACKUP: failover by ann \(fan\)$/m,
    )
    expect(haDetail(haFacts([seen("lb1")]), nowMs).text).not.toContain("last change")
  })

  it("shows one cluster with peers and VIPs", () => {
    expect(haDetail(haFacts([seen("lb1")]), nowMs).text).toMatch(
      /peers: +10.77.0.12\n.*VIPs: +10.77.0.100/,
    )
  })
})

describe("show nodes", () => {
  const vips = ["192.0.2.10", "192.0.2.11"].map((address) => ({
    address,
    prefix: 32,
    family: 4 as const,
    services: ["web"],
    device: "lo",
  }))
  const rs1: Seen = {
    view: view({ realserver: { vips, tunnels: [] } }),
    observed: observed({
      addresses: [
        { address: "192.0.2.10", prefix: 32, device: "lo" },
        { address: "192.0.2.11", prefix: 32, device: "eth0" },
      ],
      transaction: {
        id: "t",
        release: "fedcba9876543210",
        by: "eva",
        since: noon,
        state: "abandoned",
      },
    }),
  }

  it("tells VRRP, VIPs, what is not confirmed, and who does not answer", () => {
    expect(nodesShown([seen("lb1"), backup, lost, bare, rs1]).text.split("\n")).toEqual([
      "HOST  ROLE         RELEASE       AGENT          STATE",
      "lb1   director     0123456789ab  running        MASTER tokyo",
      "lb2   director     0123456789ab  running        BACKUP tokyo (handed over)",
      "lb3   director     -             -              does not answer",
      "lb4   director     -             not installed  -",
      "rs1   real server  -             -",
      "    STATE: 1 of 2 VIPs; release fedcba987654 not confirmed",
    ])
  })

  it("has real servers that lbctl does not manage, without saying what they hold", () => {
    const win: Seen = { view: view({ host: "win1" }), unmanaged: true }
    expect(nodesShown([win]).text.split("\n")[1]).toBe(
      "win1  real server  -        -      not managed",
    )
    expect(nodeShown([win], nowMs).text).toMatch(/state: +not managed\n/)
  })

  it("shows one with its agent's processes and when the definition was loaded", () => {
    const { text } = nodeShown([seen("lb1")], nowMs)
    expect(text).toContain("agent:              running, version 0.1.0")
    expect(text).toContain("definition loaded:  3m ago")
    expect(text).toContain("pid 7 for 3m, restarted 1 times, last end: SIGKILL")
  })

  it("lists what is not well as warnings, and nothing else", () => {
    expect(warningsShown([seen("lb1"), backup]).text).toBe("no warnings")
    expect(
      warningsShown([seen("lb1"), seen("lb2", { running: false }), lost, rs1]).text.split("\n"),
    ).toEqual([
      "lb2: lbagent is not running",
      "lb3: does not answer",
      "rs1: release fedcba987654 of eva is not confirmed",
      "tokyo: lb1 and lb2 are both MASTER",
    ])
    expect(warningsShown([backup]).text).toBe("tokyo: no director is MASTER")
  })
})

describe("show config, version, vlans", () => {
  it("compares each host's release with the definition", () => {
    const meant = (one: Seen, id: string): Seen => ({
      ...one,
      bundle: { ...emptyBundle(one.view.host), id },
    })
    const same = meant(seen("lb1"), "0123456789abcdef")
    const other = meant(backup, "fedcba9876543210")
    expect(configShown([same, other, bare], nowMs).text.split("\n").slice(1)).toEqual([
      "lb1   0123456789ab  as defined           3m ago",
      "lb2   0123456789ab  differs: lbctl plan  3m ago",
      "lb4   -             never applied        -",
    ])
  })

  it("tells versions of agents and kernels beside lbctl's own", () => {
    const { text, json } = versionShown([seen("lb1"), lost], "0.2.0")
    expect(text).toMatch(
      /^lbctl 0\.2\.0\n\nHOST.*\nlb1 +0\.1\.0 +- +6\.1\.176\nlb3 +does not answer/,
    )
    expect(json).toMatchObject({ lbctl: "0.2.0", hosts: [{ agent: "0.1.0" }, {}] })
  })

  it("tells VLAN interfaces with their addresses", () => {
    expect(vlansShown([seen("lb1")]).text).toMatch(
      /^VLAN.*\n100 +eth0 +bond0 +lb1 +up +0 +10\.77\.0\.21\/24$/,
    )
    expect(vlansShown([backup, seen("lb1", {}, old)]).json).toHaveLength(1)
    expect(vlansShown([seen("lb1", {}, old)]).text).toBe("no director has VLAN interfaces")
  })
})

describe("top", () => {
  const about = { at: now, silent: ["lb3: does not answer"] }
  const busy = {
    ...status,
    counters: status.counters.map((item, index) => ({
      ...item,
      rates: { ...rates, connections: 5 * (index + 1) },
    })),
  }
  const moment = (order: TopOrder) =>
    topMoment(serviceFacts([backup, seen("lb1", {}, busy)], now), order, about)
  const hosts = (order: TopOrder) => moment(order).servers.map(({ host }) => host)

  it("shows services and real servers as the master holds them, the busiest first", () => {
    expect(topText(moment("connections")).split("\n")).toEqual([
      `${now.slice(0, 19)}Z  1 service, 3 real servers, 12 connections/s`,
      "lb3: does not answer",
      "",
      "NAME  SERVICE            UP   ACTIVE  CONN/S  IN/S  OUT/S  DIRECTOR",
      "web   tcp 192.0.2.10:80  1/3  8       12      1.2M  0      lb1 (master)",
      "",
      "HOST  NAME  SERVER       STATE    WEIGHT     ACT/INACT  CONN/S  IN/S  OUT/S",
      "rs2   web   10.0.0.2:80  unknown  1/1/0      1/0        10      1.2M  0",
      "rs1   web   10.0.0.1:80  up       1          7/2        5       1.2M  0",
      "rs3   web   10.0.0.3:80  down     5/out/out  0/0        -       -     -",
    ])
  })

  it("sorts by what it is told to, by name where that is equal", () => {
    expect(hosts("active")).toEqual(["rs1", "rs2", "rs3"])
    expect(hosts("connections")).toEqual(["rs2", "rs1", "rs3"])
    for (const order of ["in", "out", "name"] as const)
      expect(hosts(order)).toEqual(["rs1", "rs2", "rs3"])
  })

  it("tells machines the same", () => {
    expect(topJson(moment("connections"))).toMatchObject({
      at: now,
      silent: about.silent,
      services: [{ name: "web", servers: 3, rates }],
      destinations: [{ host: "rs2" }, { host: "rs1" }, { host: "rs3" }],
    })
  })

  it("says how much a small window has no room for", () => {
    expect(fitRows("a\nb\nc", 3)).toEqual(["a", "b", "c"])
    expect(fitRows("a\nb\nc", 2)).toEqual(["a", "2 lines more below"])
  })
})

import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { metric } from "../../../src/agent/api/metric-text.ts"
import { metricsText } from "../../../src/agent/api/metrics.ts"
import type { AgentStatus } from "../../../src/model/agent-status.ts"
import { noTraffic } from "../../../src/model/traffic.ts"
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

const traffic = { ...noTraffic, connections: 5_000_000_000, inBytes: 2 ** 40 }
const status: AgentStatus = {
  version: "0.1.0",
  running: true,
  table: [held([destination(1), destination(99)])],
  counters: [
    { service: web, server: "10.0.0.1:80", active: 7, inactive: 2, connections: 9, traffic },
    { service: "fwmark 7", server: "10.0.0.1:80", active: 7, inactive: 2, connections: 9, traffic },
  ],
  services: [{ service: web, traffic, rates: noTraffic }],
  owned: [web],
  health: [
    { service: web, server: "10.0.0.1:80", state: "up", message: "", since: noon, transitions: 4 },
    { service: web, server: "10.0.0.2:80", state: "unknown", message: "", since: "" },
  ],
  quorum: [{ service: web, state: "down", transitions: 1 }],
  overrides: [],
  draining: [],
  vrrp: [{ instance: "tokyo", state: "BACKUP", demoted: true, transitions: 3 }],
  processes: [{ name: "health", pid: 7, since: noon, restarts: 2 }],
  loaded: { at: noon, ok: false },
  warnings: ["one"],
  desired: director(service({ check, servers: [server(1), server(2, { weight: 5 })] })),
}

interface Family {
  readonly type: string
  readonly help: string
  readonly samples: Map<string, number>
}

/** The text exposition format 0.0.4 read as strictly as `promtool check metrics` does. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let current: { name: string; family: Family } | undefined
  let help = ""
  expect(text.endsWith("\n")).toBe(true)
  for (const line of text.slice(0, -1).split("\n")) {
    const meta = /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line)
    if (meta?.[1] === "HELP") {
      help = meta[3] ?? ""
      continue
    }
    if (meta !== null) {
      const name = meta[2] ?? ""
      expect(families.has(name), `${name} twice`).toBe(false)
      current = { name, family: { type: meta[3] ?? "", help, samples: new Map() } }
      families.set(name, current.family)
      continue
    }
    const label = String.raw`[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`
    const sample = new RegExp(
      `^([a-z_:][a-z0-9_:]*)(?:\\{(${label}(?:,${label})*)\\})? (\\S+)$`,
    ).exec(line)
    expect(sample, line).not.toBeNull()
    expect(sample?.[1]).toBe(current?.name)
    const labels = sample?.[2] ?? ""
    expect(current?.family.samples.has(labels), `${line} twice`).toBe(false)
    expect(Number.isFinite(Number(sample?.[3]))).toBe(true)
    current?.family.samples.set(labels, Number(sample?.[3]))
  }
  return families
}

const families = parse(metricsText(status))
const only = (name: string) => [...(families.get(name)?.samples ?? [])]

describe("GET /metrics", () => {
  it("follows the naming rules: a prefix, base units, _total on counters alone, help on all", () => {
    expect(families.size).toBeGreaterThan(25)
    for (const [name, { type, help }] of families) {
      expect(name).toMatch(/^lbctl_/)
      expect(name.endsWith("_total"), name).toBe(type === "counter")
      expect(["counter", "gauge"]).toContain(type)
      expect(help).toMatch(/^[A-Z0-9].*\.$/)
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kilobytes|count)(_|$)/)
    }
  })

  it("tells 64-bit totals per service and real server under the users' names", () => {
    expect(only("lbctl_service_connections_total")).toEqual([
      [`service="${web}",name="web"`, 5_000_000_000],
    ])
    expect(only("lbctl_server_received_bytes_total")).toEqual([
      [`service="${web}",name="web",server="10.0.0.1:80",host="rs1"`, 2 ** 40],
    ])
  })

  it("tells weights as held and as defined, and health where it is known", () => {
    expect(only("lbctl_server_weight").map(([, value]) => value)).toEqual([1, 1])
    expect(only("lbctl_server_weight")[1]?.[0]).toContain('server="10.0.0.99:80",host=""')
    expect(only("lbctl_server_defined_weight").map(([, value]) => value)).toEqual([1, 5])
    expect(only("lbctl_server_up").map(([, value]) => value)).toEqual([1])
    expect(only("lbctl_server_state_changes_total").map(([, value]) => value)).toEqual([4, 0])
    expect(only("lbctl_service_quorum")).toEqual([[`service="${web}",name="web"`, 0]])
  })

  it("tells one state of a VRRP instance, processes, and the last load", () => {
    expect(only("lbctl_vrrp_state").filter(([, value]) => value === 1)).toEqual([
      ['vrrp="tokyo",state="BACKUP"', 1],
    ])
    expect(only("lbctl_vrrp_demoted")).toEqual([['vrrp="tokyo"', 1]])
    expect(only("lbctl_process_restarts_total")).toEqual([['process="health"', 2]])
    expect(only("lbctl_last_load_timestamp_seconds")).toEqual([["", Date.parse(noon) / 1000]])
    expect(only("lbctl_last_load_successful")).toEqual([["", 0]])
    expect(only("lbctl_warnings")).toEqual([["", 1]])
  })

  it("escapes what users write, and leaves metrics without samples out", () => {
    expect(
      parse(metric("x", "gauge", "X.", [[{ name: 'a"b\\c\nd' }, 1]])).get("x")?.samples,
    ).toEqual(new Map([[String.raw`name="a\"b\\c\nd"`, 1]]))
    expect(metric("x", "gauge", "X.", [])).toBe("")
  })
})

describe("dashboards/lbctl.json", () => {
  it("names metrics that there are, and is shipped", () => {
    const named = new Set(readFileSync("dashboards/lbctl.json", "utf8").match(/lbctl_[a-z_]+/g))
    expect(named.size).toBeGreaterThan(10)
    expect([...named].filter((name) => !families.has(name))).toEqual([])
    const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: string[] }
    expect(files).toContain("dashboards")
  })
})

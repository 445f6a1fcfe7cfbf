import type { Examination } from "../../../src/model/doctor.ts"
import type { DirectorState, HostView } from "../../../src/model/desired.ts"
import type { Forwarding } from "../../../src/model/ipvs.ts"
import type { Observed } from "../../../src/model/observed.ts"
import type { Check, Patient, Symptom, Ward } from "../../../src/plan/doctor/check.ts"
import { bundle, directorState, observed, view, vrrp } from "../fixtures.ts"

export const vip = "10.77.0.100"

/** What differs from a healthy host. */
export interface Trouble {
  readonly view?: Partial<HostView>
  readonly observed?: Partial<Observed>
  readonly examined?: Partial<Examination>
  readonly sysctls?: Readonly<Record<string, string>>
}

/** Switches of a healthy host, and some that a test gives. */
export function switches(more: Readonly<Record<string, string>> = {}): Map<string, string> {
  return new Map(
    Object.entries({
      "net/ipv4/conf/all/arp_ignore": "1",
      "net/ipv4/conf/all/arp_announce": "2",
      "net/ipv4/ip_forward": "0",
      "net/ipv4/neigh/default/gc_thresh3": "1024",
      "net/ipv4/vs/sloppy_tcp": "0",
      ...more,
    }),
  )
}

function examination(host: string, parts: Partial<Examination> = {}): Examination {
  return {
    host,
    clockMs: 0,
    switches: switches(),
    kept: [],
    bootModules: new Set(["ip_vs"]),
    modules: new Map(),
    flagged: [],
    defaultRoutes: [{ family: 4, via: "10.77.0.1", device: "eth0" }],
    routes: new Map([["10.77.0.21", { device: "eth0" }]]),
    neighbours: [],
    filter: [],
    naming: [],
    offload: [],
    programs: new Map(),
    paths: new Map(),
    units: new Map(),
    ...parts,
  }
}

function patient(host: string, base: Partial<HostView>, trouble: Trouble): Patient {
  const sysctls = Object.entries(trouble.sysctls ?? {}).map(([key, value]) => ({ key, value }))
  const facts = {
    kernel: "6.1.0-13-amd64",
    ipvs: "loaded",
    keepalived: "2.2.7",
    disk_free_kib: "999999",
  }
  return {
    input: {
      view: view({ host, ...base, ...trouble.view }),
      bundle: bundle({ host, sysctls }),
      observed: observed({ host, facts, ...trouble.observed }),
      directors: [],
      now: "2026-01-01T00:00:00.000Z",
    },
    examined: examination(host, trouble.examined),
  }
}

/** That web service, its real server reached in another way. */
export function servicesBy(
  forwarding: Forwarding,
  address = "10.77.0.21",
): DirectorState["services"] {
  return directorState([{ host: "rs1", address }]).services.map((service) => ({
    ...service,
    servers: service.servers.map((server) => ({ ...server, forwarding })),
  }))
}

/** A director lb1 or lb2 of one web service on rs1; lb1 holds the VIP. */
export function director(
  host: "lb1" | "lb2",
  trouble: Trouble = {},
  state: Partial<DirectorState> = {},
): Patient {
  const own = host === "lb1" ? "10.77.0.11" : "10.77.0.12"
  const base = {
    ...directorState([{ host: "rs1", address: "10.77.0.21" }]),
    vrrp: [vrrp({ source: own })],
  }
  const addresses = [
    { address: own, prefix: 24, device: "eth0" },
    ...(host === "lb1" ? [{ address: vip, prefix: 32, device: "eth0" }] : []),
  ]
  return patient(
    host,
    { addresses: [own], director: { ...base, ...state } },
    { ...trouble, observed: { addresses, ...trouble.observed } },
  )
}

/** The real server rs1 of that service. */
export function realServer(trouble: Trouble = {}): Patient {
  const addresses = [
    { address: "10.77.0.21", prefix: 24, device: "eth0" },
    { address: vip, prefix: 32, device: "lo" },
  ]
  const held = { address: vip, prefix: 32, family: 4, services: ["web"], device: "lo" } as const
  return patient(
    "rs1",
    { addresses: ["10.77.0.21"], realserver: { vips: [held], tunnels: [] } },
    { ...trouble, observed: { addresses, ...trouble.observed } },
  )
}

/** Hosts as the doctor sees them, on segments where nobody says a word. */
export function ward(...patients: readonly Patient[]): Ward {
  return { patients, segments: [], apply: (host) => `lbctl apply prod --limit ${host}` }
}

/** What one of these checks finds; there must be such a check. */
export function foundBy(checks: readonly Check[], id: string, hosts: Ward): readonly Symptom[] {
  const check = checks.find((one) => one.id === id)
  if (check === undefined) throw new Error(`there is no check ${id}`)
  return check.find(hosts)
}

/** The same as `host: message`. */
export function messages(checks: readonly Check[], id: string, hosts: Ward): string[] {
  return foundBy(checks, id, hosts).map(({ host, message }) => `${host}: ${message}`)
}

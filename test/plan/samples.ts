import type { DesiredServer, DesiredService, DirectorState } from "../../src/model/desired.ts"
import type { IpvsDestination, IpvsService, ServiceKey } from "../../src/model/ipvs.ts"
import type { Runtime } from "../../src/plan/ipvs-runtime.ts"

/** Servers 10.0.0.<n>:80 named rs<n>. */
export function server(n: number, more: Partial<DesiredServer> = {}): DesiredServer {
  return {
    host: `rs${n}`,
    address: `10.0.0.${n}`,
    port: 80,
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    forwarding: "dr",
    ...more,
  }
}

export const check = {
  type: "tcp",
  intervalMs: 6000,
  timeoutMs: 3000,
  retries: 1,
  delayBeforeRetryMs: 1000,
  rise: 1,
  via: "vip",
} as const

/** A check whose answers say weights. */
export const weighing = {
  ...check,
  type: "external",
  command: ["/bin/true"],
  user: "nobody",
  weightByExitCode: true,
} as const

/** The key of the sample service on another port. */
export function at(port: number): ServiceKey {
  return { kind: "address", protocol: "tcp", address: "192.0.2.10", port }
}

/** A service by firewall mark of two ports. */
export function marked(more: Partial<DesiredService> = {}): DesiredService {
  return service({
    key: { kind: "fwmark", fwmark: 12, family: 4 },
    matches: [
      { address: "192.0.2.10", protocol: "tcp", first: 80, last: 80 },
      { address: "192.0.2.10", protocol: "tcp", first: 443, last: 443 },
    ],
    servers: [server(1, { port: 0 }), server(2, { port: 0 })],
    ...more,
  })
}

export function service(more: Partial<DesiredService> = {}): DesiredService {
  return {
    name: "web",
    cluster: "tokyo",
    key: at(80),
    scheduler: "wlc",
    flags: [],
    onePacket: false,
    quorum: { up: 1, hysteresis: 0 },
    inhibitOnFailure: false,
    drainTimeoutMs: 30_000,
    servers: [server(1), server(2)],
    ...more,
  }
}

export function director(...services: DesiredService[]): DirectorState {
  return { format: 1, services, vrrp: [], connectionSync: [] }
}

export function destination(n: number, weight = 1): IpvsDestination {
  return {
    address: `10.0.0.${n}`,
    port: 80,
    forwarding: "dr",
    weight,
    upperThreshold: 0,
    lowerThreshold: 0,
  }
}

export function held(destinations: readonly IpvsDestination[], port = 80): IpvsService {
  return {
    key: at(port),
    scheduler: "wlc",
    flags: [],
    onePacket: false,
    destinations,
  }
}

export const web = "tcp 192.0.2.10:80"
export const noon = "2026-01-01T12:00:00.000Z"
export const halfMinuteLater = "2026-01-01T12:00:30.000Z"

export function runtime(more: Partial<Runtime> = {}): Runtime {
  return {
    health: new Map(),
    fallen: new Map(),
    ramps: new Map(),
    told: new Map(),
    overrides: [],
    draining: [],
    quorum: new Map(),
    adopted: new Map(),
    now: noon,
    ...more,
  }
}

import { emptyBundle } from "../../src/cli/host-input.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import type { DesiredVrrp, DirectorState, HostView } from "../../src/model/desired.ts"
import type { Observed } from "../../src/model/observed.ts"

/** A bundle with nothing in it but what a test names. */
export function bundle(parts: Partial<Bundle> = {}): Bundle {
  return { ...emptyBundle("rs1"), id: "0123456789abcdef", ...parts }
}

/** A host that lbctl never touched, but for what a test names. */
export function observed(parts: Partial<Observed> = {}): Observed {
  return {
    host: "rs1",
    facts: { kernel: "6.1.176" },
    links: [
      { name: "lo", mac: "00:00:00:00:00:00", up: true, mtu: 65536 },
      { name: "eth0", mac: "02:00:00:00:00:21", up: true, mtu: 1500 },
    ],
    addresses: [{ address: "10.77.0.21", prefix: 24, device: "eth0" }],
    files: {},
    sysctls: {},
    modules: {},
    units: {},
    commands: {},
    agents: [],
    owned: { files: [], sysctls: [], addresses: [], units: [], linksUp: [] },
    ...parts,
  }
}

/** A real server's or, with `director`, a director's view. */
export function view(parts: Partial<HostView> = {}): HostView {
  return { host: "rs1", addresses: ["10.77.0.21"], groups: ["all"], vars: {}, ...parts }
}

/** One VRRP instance of a director called lb1. */
export function vrrp(parts: Partial<DesiredVrrp> = {}): DesiredVrrp {
  return {
    cluster: "demo",
    instance: "demo",
    interface: "eth0",
    virtualRouterId: 51,
    priority: 150,
    advertIntervalMs: 1000,
    preempt: false,
    anchor: "169.254.255.51",
    vips: ["10.77.0.100"],
    source: "10.77.0.11",
    unicastPeers: ["10.77.0.12"],
    directors: ["lb1", "lb2"],
    garpRefreshMs: 1000,
    lowestPeerPriority: 100,
    ...parts,
  }
}

/** A director's desired state with one web service over the named real servers. */
export function directorState(
  servers: readonly { host: string; address: string; weight?: number }[] = [],
): DirectorState {
  return {
    format: 1,
    connectionSync: [],
    vrrp: [vrrp()],
    services: [
      {
        name: "web",
        cluster: "demo",
        key: { kind: "address", protocol: "tcp", address: "10.77.0.100", port: 80 },
        scheduler: "wrr",
        flags: [],
        onePacket: false,
        quorum: { up: 1, hysteresis: 0 },
        inhibitOnFailure: false,
        drainTimeoutMs: 30_000,
        servers: servers.map(({ host, address, weight = 1 }) => ({
          host,
          address,
          port: 80,
          weight,
          upperThreshold: 0,
          lowerThreshold: 0,
          forwarding: "dr" as const,
        })),
      },
    ],
  }
}

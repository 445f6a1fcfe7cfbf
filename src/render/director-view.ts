import { contains, family } from "../core/address.ts"
import { agentServices, keepalivedServices } from "../model/desired.ts"
import type {
  DesiredServer,
  DesiredService,
  DesiredSync,
  DesiredVrrp,
  DirectorState,
  IpvsSysctl,
} from "../model/desired.ts"
import { defaultGarpDelayMs, type KeepalivedBlock } from "../model/keepalived.ts"
import type { Forwarding, Persistence, Tunnel } from "../model/ipvs.ts"
import { agentStateText } from "./agent-state.ts"
import { checkView } from "./check-view.ts"
import { virtualServers, type VirtualServer } from "./virtual-servers.ts"

/** Every optional part is there, null where the host has none: a template may ask for it and not misspell it. */
type Nullable<T, K extends keyof T> = Omit<T, K> & {
  readonly [P in K]-?: Exclude<T[P], undefined> | null
}

export interface TemplateDirector {
  readonly services: readonly TemplateService[]
  /** Those of the services that keepalived programs, in its words. */
  readonly virtualServers: readonly VirtualServer[]
  /** More than 1000 real servers are keepalived's, so that its default of 5 s to stop is too short. */
  readonly manyRealServers: boolean
  /** Lines of keepalived's global_defs besides lbctl's own. */
  readonly globalDefs: readonly string[]
  /** keepalived's static_ipaddress, static_routes and static_rules. */
  readonly statics: readonly KeepalivedBlock[]
  /** keepalived runs programs of the user's. */
  readonly scripts: boolean
  readonly vrrp: readonly TemplateVrrp[]
  /** Those of `vrrp` that keepalived speaks for. */
  readonly keepalived: readonly TemplateVrrp[]
  readonly connectionSync: readonly TemplateSync[]
  /** The interfaces that speak VRRP, each once. */
  readonly interfaces: readonly string[]
  readonly uses: DirectorUses
  /** Switches of the kernel below net.ipv4.vs, by name. */
  readonly ipvsSysctls: readonly IpvsSysctl[]
  /** The text of /etc/lbctl/agent.json. */
  readonly state: string
}

/** What a director's services need of its kernel. */
export interface DirectorUses {
  /** Some real server gets packets by direct routing or by tunnel. */
  readonly direct: boolean
  /** Some IPv4 (IPv6) real server gets packets by nat: the director routes its answers. */
  readonly nat4: boolean
  readonly nat6: boolean
  /** Some check asks a real server by the VIP. */
  readonly checksThroughVip: boolean
  /** Some check of the agent's (keepalived's) runs a command, as a user of its own. */
  readonly commands: boolean
  readonly miscChecks: boolean
  /** Some service is by firewall mark, for IPv4 (IPv6). */
  readonly marks4: boolean
  readonly marks6: boolean
  /** The agent speaks VRRP for some cluster. */
  readonly nativeVrrp: boolean
  /** keepalived speaks VRRP for some cluster, or programs some service. */
  readonly keepalived: boolean
}

export type TemplateService = Nullable<
  // What keepalived runs stands in its virtual servers.
  Omit<DesiredService, "servers" | "check" | "persistence" | "keepalived">,
  "sorryServer" | "ipvs" | "matches" | "watermark" | "allDown" | "initial" | "slowStartMs"
> & {
  readonly check: object | null
  readonly persistence: Nullable<Persistence, "engine"> | null
  readonly servers: readonly (Omit<DesiredServer, "tunnel"> & {
    readonly tunnel: Nullable<Tunnel, "port"> | null
  })[]
}

export type TemplateSync = Nullable<DesiredSync, "group" | "port" | "ttl" | "maxlen">

export type TemplateVrrp = Nullable<DesiredVrrp, "driver" | "keepalived"> & {
  readonly garpMasterDelayMs: number
  /** `link` for an anchor of 169.254.0.0/16 (RFC 3927). IPv6 addresses have the scope of their prefix: none can be given. */
  readonly anchorScope: "link" | null
}

/** What a director shall be, in the form that templates see. */
export function directorView(
  state: DirectorState,
  ipvsSysctls: readonly IpvsSysctl[],
): TemplateDirector {
  let services: readonly TemplateService[] | undefined
  const blocks = virtualServers(state.services)
  const used = uses(state)
  const vrrp = state.vrrp.map((instance) => ({
    ...instance,
    driver: instance.driver ?? null,
    keepalived: instance.keepalived ?? null,
    garpMasterDelayMs: instance.keepalived?.garpMasterDelayMs ?? defaultGarpDelayMs,
    anchorScope: contains("169.254.0.0", 16, instance.anchor) ? ("link" as const) : null,
  }))
  return {
    // Made when a template asks for it: lbctl's own do not, and a large fleet has much of it.
    get services() {
      return (services ??= state.services.map(service))
    },
    virtualServers: blocks,
    // Measured: 10,000 real servers take 1.6 s to stop, several times that under load.
    manyRealServers: blocks.reduce((sum, { realServers }) => sum + realServers.length, 0) > 1000,
    vrrp,
    keepalived: vrrp.filter(({ driver }) => driver === null),
    connectionSync: state.connectionSync.map((sync) => ({
      group: null,
      port: null,
      ttl: null,
      maxlen: null,
      ...sync,
    })),
    globalDefs: state.globalDefs ?? [],
    statics: state.statics ?? [],
    scripts:
      used.miscChecks ||
      blocks.some(runsPrograms) ||
      state.vrrp.some(({ keepalived }) => keepalived?.scripts === true) ||
      (state.statics ?? []).some(({ lines }) => lines.some((line) => line.startsWith("notify"))) ||
      (state.globalDefs ?? []).some((line) => /^\w+_script /.test(line)),
    interfaces: [...new Set(state.vrrp.map((instance) => instance.interface))],
    uses: used,
    ipvsSysctls,
    state: agentStateText(state),
  }
}

function runsPrograms({ programs, realServers }: VirtualServer): boolean {
  return programs.length > 0 || realServers.some((server) => server.programs.length > 0)
}

function service({ keepalived: _programs, ...desired }: DesiredService): TemplateService {
  const { persistence, sorryServer, servers } = desired
  return {
    ...desired,
    ipvs: desired.ipvs ?? null,
    matches: desired.matches ?? null,
    watermark: desired.watermark ?? null,
    allDown: desired.allDown ?? null,
    initial: desired.initial ?? null,
    slowStartMs: desired.slowStartMs ?? null,
    persistence:
      persistence === undefined ? null : { ...persistence, engine: persistence.engine ?? null },
    sorryServer: sorryServer ?? null,
    check: checkView(desired.check),
    servers: servers.map(({ tunnel, ...server }) => ({
      ...server,
      tunnel: tunnel === undefined ? null : { ...tunnel, port: tunnel.port ?? null },
    })),
  }
}

function uses(state: DirectorState): DirectorUses {
  const targets: Pick<DesiredServer, "address" | "forwarding">[] = state.services.flatMap(
    ({ servers, sorryServer }) => [...servers, ...(sorryServer === undefined ? [] : [sorryServer])],
  )
  const by = (forwarding: Forwarding, version: 4 | 6): boolean =>
    targets.some((target) => target.forwarding === forwarding && family(target.address) === version)
  return {
    direct: targets.some(({ forwarding }) => forwarding !== "nat"),
    nat4: by("nat", 4),
    nat6: by("nat", 6),
    checksThroughVip: state.services.some((one) => one.check?.via === "vip"),
    commands: agentServices(state.services).some(runsCommand),
    miscChecks: keepalivedServices(state.services).some(runsCommand),
    marks4: marks(state, 4),
    marks6: marks(state, 6),
    nativeVrrp: state.vrrp.some(({ driver }) => driver === "native"),
    keepalived:
      state.vrrp.some(({ driver }) => driver === undefined) ||
      state.services.some(({ ipvs }) => ipvs === "keepalived"),
  }
}

function runsCommand({ check }: DesiredService): boolean {
  return check?.type === "external"
}

function marks({ services }: DirectorState, version: 4 | 6): boolean {
  return services.some(({ key }) => key.kind === "fwmark" && key.family === version)
}

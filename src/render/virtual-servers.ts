import { formatAddress } from "../core/address.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import { keepalivedServices } from "../model/desired.ts"
import type { Forwarding, ServiceKey, Tunnel } from "../model/ipvs.ts"
import { keyFamily } from "../model/ipvs.ts"
import { checkerOf, type Checker } from "./checker.ts"

/** A virtual_server block of keepalived.conf(5) in keepalived's words; times in milliseconds. */
export interface VirtualServer {
  readonly name: string
  /** Where it stands, the address, port and protocol are null: the marking rules decide. */
  readonly fwmark: number | null
  readonly ipFamily: "inet" | "inet6"
  readonly address: string | null
  readonly port: number | null
  readonly protocol: string | null
  readonly scheduler: string
  /** Keywords on a line of their own: sh-fallback, mh-port, ops ... */
  readonly flags: readonly string[]
  readonly method: string
  readonly persistence: {
    readonly timeoutSeconds: number
    readonly granularity: string
    readonly engine: string | null
  } | null
  readonly quorum: number
  readonly hysteresis: number
  readonly sorryServer: {
    readonly address: string
    readonly port: number
    readonly method: string
  } | null
  readonly delayLoopMs: number | null
  /** New real servers are down until their check says otherwise. */
  readonly alpha: boolean
  /** Programs that are run, and when. */
  readonly programs: readonly string[]
  readonly realServers: readonly RealServerBlock[]
}

/** A real_server block. */
export interface RealServerBlock {
  readonly host: string
  readonly address: string
  readonly port: number
  readonly weight: number
  readonly uthreshold: number
  readonly lthreshold: number
  readonly method: string
  readonly inhibitOnFailure: boolean
  readonly programs: readonly string[]
  readonly checker: Checker | null
}

/** The virtual servers that keepalived programs on a director; none where the agent programs all. */
export function virtualServers(services: readonly DesiredService[]): VirtualServer[] {
  return keepalivedServices(services).map(virtualServer)
}

function virtualServer(service: DesiredService): VirtualServer {
  const { key, persistence, sorryServer, servers, check } = service
  return {
    name: service.name,
    ...identity(key),
    scheduler: service.scheduler,
    flags: [...service.flags, ...(service.onePacket ? ["ops"] : [])],
    // What a real server does not say of itself, and none leaves it out.
    method: servers[0] === undefined ? "NAT" : methodOf(servers[0]),
    persistence:
      persistence === undefined
        ? null
        : {
            timeoutSeconds: persistence.timeoutSeconds,
            granularity: granularity(persistence.prefixLength, keyFamily(key)),
            engine: persistence.engine ?? null,
          },
    quorum: service.quorum.up,
    hysteresis: service.quorum.hysteresis,
    sorryServer:
      sorryServer === undefined
        ? null
        : {
            address: sorryServer.address,
            port: sorryServer.port,
            method: methodOf(sorryServer),
          },
    delayLoopMs: check?.intervalMs ?? null,
    alpha: service.initial === "down",
    programs: quorumPrograms(service),
    realServers: servers.map((server) => realServer(server, service)),
  }
}

type Identity = Pick<VirtualServer, "fwmark" | "ipFamily" | "address" | "port" | "protocol">

function identity(key: ServiceKey): Identity {
  const ipFamily = keyFamily(key) === 6 ? "inet6" : "inet"
  if (key.kind === "fwmark")
    return { fwmark: key.fwmark, ipFamily, address: null, port: null, protocol: null }
  const { address, port, protocol } = key
  return { fwmark: null, ipFamily, address, port, protocol: protocol.toUpperCase() }
}

function realServer(server: DesiredServer, service: DesiredService): RealServerBlock {
  return {
    host: server.host,
    address: server.address,
    port: server.port,
    weight: server.weight,
    uthreshold: server.upperThreshold,
    lthreshold: server.lowerThreshold,
    method: methodOf(server),
    inhibitOnFailure: service.inhibitOnFailure,
    programs: serverPrograms(server, service),
    checker: service.check === undefined ? null : checkerOf(service.check, server, service),
  }
}

/** keepalived.conf(5), lvs_method; a tunnel without a type is ipip. */
function methodOf({
  forwarding,
  tunnel,
}: {
  readonly forwarding: Forwarding
  readonly tunnel?: Tunnel
}): string {
  switch (forwarding) {
    case "dr":
      return "DR"
    case "nat":
      return "NAT"
    case "tun":
      return `TUN${tunnelWords(tunnel)}`
    default:
      return forwarding satisfies never
  }
}

function tunnelWords(tunnel: Tunnel | undefined): string {
  if (tunnel === undefined || tunnel.type === "ipip") return ""
  return tunnel.port === undefined ? ` type ${tunnel.type}` : ` type gue port ${tunnel.port}`
}

/** keepalived.conf(5), persistence_granularity: a netmask for IPv4, a prefix length for IPv6. */
function granularity(prefixLength: number, version: 4 | 6): string {
  if (version === 6) return String(prefixLength)
  const bits = [0, 8, 16, 24].map((start) => Math.max(0, Math.min(8, prefixLength - start)))
  return formatAddress(Uint8Array.from(bits, (count) => (0xff00 >> count) & 0xff))
}

/** keepalived.conf(5): quorum_up, quorum_down, omega of a virtual_server. It gives programs no arguments of its own. */
function quorumPrograms({ keepalived, key, name }: DesiredService): string[] {
  const what = key.kind === "fwmark" ? `fwmark ${key.fwmark}` : `${key.address} ${key.port}`
  return [
    ...program("quorum_up", keepalived?.quorumUp, `${name} ${what}`),
    ...program("quorum_down", keepalived?.quorumDown, `${name} ${what}`),
    ...(keepalived?.omega === true ? ["omega"] : []),
  ]
}

/** keepalived.conf(5): notify_up, notify_down of a real_server. */
function serverPrograms(
  { host, address, port }: DesiredServer,
  { keepalived, name }: DesiredService,
): string[] {
  const what = `${name} ${host} ${address} ${port}`
  return [
    ...program("notify_up", keepalived?.notifyUp, what),
    ...program("notify_down", keepalived?.notifyDown, what),
  ]
}

function program(word: string, command: string | undefined, what: string): string[] {
  return command === undefined ? [] : [`${word} "${command} ${what}"`]
}

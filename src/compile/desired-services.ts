import { family } from "../core/address.ts"
import { compareText } from "../core/text.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import type { Cluster, Fleet, HealthCheck, VirtualService } from "../model/fleet.ts"
import { askedProtocol } from "../model/check.ts"
import type { Persistence, ServiceKey } from "../model/ipvs.ts"
import { keyFamily } from "../model/ipvs.ts"
import type { AddressOrder } from "./address-order.ts"
import { markMatches } from "./mark-matches.ts"

/** A kernel service's name and what it takes in; a firewall mark takes the ports it finds, as port 0 does. */
interface Identity extends Pick<DesiredService, "key" | "matches"> {
  readonly family: 4 | 6
  readonly port: number
}

/**
 * The kernel services of a cluster: one a VIP and port, by VIP, port and protocol; then those by firewall mark, one a
 * family.
 */
export function desiredServices(
  fleet: Fleet,
  cluster: Cluster,
  order: AddressOrder,
): DesiredService[] {
  return fleet.services
    .filter((service) => service.cluster === cluster.name)
    .flatMap((service) =>
      identitiesOf(service).map((identity) => desiredService(service, cluster, identity, order)),
    )
    .sort((a, b) => compareKeys(a.key, b.key, order))
}

function identitiesOf(service: VirtualService): Identity[] {
  const { fwmark, vips, ports } = service
  if (fwmark === undefined)
    return vips.flatMap((address) =>
      ports.map(({ port, protocol }) => {
        const key = { kind: "address", protocol, address, port } as const
        return { key, family: keyFamily(key), port }
      }),
    )
  return ([4, 6] as const).flatMap((version) => {
    const matches = markMatches(service, version)
    const key = { kind: "fwmark", fwmark, family: version } as const
    return matches.length === 0 ? [] : [{ key, matches, family: version, port: 0 }]
  })
}

function compareKeys(a: ServiceKey, b: ServiceKey, order: AddressOrder): number {
  if (a.kind === "address" && b.kind === "address")
    return (
      order(a.address) - order(b.address) || a.port - b.port || compareText(a.protocol, b.protocol)
    )
  if (a.kind === "fwmark" && b.kind === "fwmark") return a.fwmark - b.fwmark || a.family - b.family
  return a.kind === "address" ? -1 : 1
}

function desiredService(
  service: VirtualService,
  cluster: Cluster,
  identity: Identity,
  order: AddressOrder,
): DesiredService {
  const { key, matches } = identity
  const check = matches === undefined ? checkOf(service, identity.port) : markedCheck(service)
  return {
    name: service.name,
    cluster: service.cluster,
    ...(cluster.ipvs === "keepalived" ? { ipvs: cluster.ipvs } : {}),
    key,
    ...(matches === undefined ? {} : { matches }),
    scheduler: service.scheduler,
    flags: service.flags,
    onePacket: service.onePacket,
    ...persistenceOf(service, identity.family),
    ...(check === undefined ? {} : { check }),
    quorum: service.quorum,
    ...judgementOf(service),
    ...sorryServerOf(service, identity),
    inhibitOnFailure: service.inhibitOnFailure,
    drainTimeoutMs: service.drainTimeoutMs,
    ...(service.keepalived === undefined ? {} : { keepalived: service.keepalived }),
    // sh and mh place servers by their order, and all directors must agree (DESIGN 12.5).
    servers: serversOf(service, identity).sort((a, b) => order(a.address) - order(b.address)),
  }
}

function serversOf(service: VirtualService, { family: version, port }: Identity): DesiredServer[] {
  return service.backends.flatMap(({ addresses, port: remapped, ...backend }) => {
    const address = addresses.find((text) => family(text) === version)
    return address === undefined ? [] : [{ ...backend, address, port: remapped ?? port }]
  })
}

/**
 * A service of all ports (0) has no port to ask: its servers follow the check's own port.
 * A port of another protocol than its check asks follows the port of the same number, or the check's own port.
 */
function checkOf({ check, ports }: VirtualService, port: number): HealthCheck | undefined {
  if (check === undefined) return undefined
  const protocol = askedProtocol(check)
  const asked =
    protocol === undefined ||
    check.port !== undefined ||
    (port > 0 && ports.some((other) => other.protocol === protocol && other.port === port))
  return asked ? check : undefined
}

/** One check stands for all ports of a firewall mark: that of the lowest port it can ask, unless it names one. */
function markedCheck({ check, ports }: VirtualService): HealthCheck | undefined {
  if (check === undefined || check.port !== undefined) return check
  const protocol = askedProtocol(check)
  const asked = ports
    .filter((own) => own.port > 0 && own.protocol === (protocol ?? own.protocol))
    .map(({ port }) => port)
  if (asked.length > 0) return { ...check, port: Math.min(...asked) }
  return protocol === undefined ? check : undefined
}

/** What is left out when the definition is silent about it: definitions of older releases read the same. */
function judgementOf({
  watermark,
  allDown,
  initial,
  slowStartMs,
}: VirtualService): Pick<DesiredService, "watermark" | "allDown" | "initial" | "slowStartMs"> {
  return {
    ...(initial === undefined ? {} : { initial }),
    ...(slowStartMs === undefined ? {} : { slowStartMs }),
    ...(watermark === undefined ? {} : { watermark }),
    ...(allDown === undefined ? {} : { allDown }),
  }
}

function persistenceOf(
  { persistence }: VirtualService,
  version: 4 | 6,
): { readonly persistence?: Persistence } {
  if (persistence === undefined) return {}
  const { timeoutSeconds, prefix4, prefix6, engine } = persistence
  const prefixLength = version === 4 ? prefix4 : prefix6
  return {
    persistence: { timeoutSeconds, prefixLength, ...(engine === undefined ? {} : { engine }) },
  }
}

/**
 * A sorry server serves its own family; where ports can't be remapped, only the port it names. A service of all ports,
 * or by firewall mark, hands every packet on with its own port (net/netfilter/ipvs/ip_vs_core.c, ip_vs_sched_persist).
 */
function sorryServerOf(
  { sorryServer, forwarding }: VirtualService,
  { family: version, port }: Identity,
): Pick<DesiredService, "sorryServer"> {
  if (sorryServer === undefined || family(sorryServer.address) !== version) return {}
  if (port === 0) return { sorryServer: { ...sorryServer, port: 0, forwarding } }
  if (forwarding !== "nat" && sorryServer.port !== port) return {}
  return { sorryServer: { ...sorryServer, forwarding } }
}

import { family } from "../core/address.ts"
import { compareText } from "../core/text.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import type { Cluster, Fleet, HealthCheck, VirtualService } from "../model/fleet.ts"
import { askedProtocol } from "../model/check.ts"
import type { Persistence } from "../model/ipvs.ts"
import type { AddressOrder } from "./address-order.ts"

type Port = VirtualService["ports"][number]

/** The kernel services of a cluster, one a VIP and port, by VIP, port and protocol. */
export function desiredServices(
  fleet: Fleet,
  cluster: Cluster,
  order: AddressOrder,
): DesiredService[] {
  return fleet.services
    .filter((service) => service.cluster === cluster.name)
    .flatMap((service) =>
      service.vips.flatMap((vip) =>
        service.ports.map((port) => desiredService(service, cluster, vip, port, order)),
      ),
    )
    .sort(
      ({ key: a }, { key: b }) =>
        order(a.address) - order(b.address) ||
        a.port - b.port ||
        compareText(a.protocol, b.protocol),
    )
}

function desiredService(
  service: VirtualService,
  cluster: Cluster,
  vip: string,
  port: Port,
  order: AddressOrder,
): DesiredService {
  const check = checkOf(service, port)
  return {
    name: service.name,
    cluster: service.cluster,
    ...(cluster.ipvs === "keepalived" ? { ipvs: cluster.ipvs } : {}),
    key: { kind: "address", protocol: port.protocol, address: vip, port: port.port },
    scheduler: service.scheduler,
    flags: service.flags,
    onePacket: service.onePacket,
    ...persistenceOf(service, vip),
    ...(check === undefined ? {} : { check }),
    quorum: service.quorum,
    ...judgementOf(service),
    ...sorryServerOf(service, vip, port),
    inhibitOnFailure: service.inhibitOnFailure,
    drainTimeoutMs: service.drainTimeoutMs,
    // sh and mh place servers by their order, and all directors must agree (DESIGN 12.5).
    servers: serversOf(service, vip, port).sort((a, b) => order(a.address) - order(b.address)),
  }
}

function serversOf(service: VirtualService, vip: string, port: Port): DesiredServer[] {
  const version = family(vip)
  return service.backends.flatMap(({ addresses, port: remapped, ...backend }) => {
    const address = addresses.find((text) => family(text) === version)
    return address === undefined ? [] : [{ ...backend, address, port: remapped ?? port.port }]
  })
}

/**
 * A service of all ports (0) has no port to ask: its servers follow the check's own port.
 * A port of another protocol than its check asks follows the port of the same number, or the check's own port.
 */
function checkOf(service: VirtualService, port: Port): HealthCheck | undefined {
  const { check, ports } = service
  if (check === undefined) return undefined
  const protocol = askedProtocol(check)
  const asked =
    protocol === undefined ||
    check.port !== undefined ||
    (port.port > 0 &&
      ports.some((other) => other.protocol === protocol && other.port === port.port))
  return asked ? check : undefined
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
  vip: string,
): { readonly persistence?: Persistence } {
  if (persistence === undefined) return {}
  const { timeoutSeconds, prefix4, prefix6, engine } = persistence
  const prefixLength = family(vip) === 4 ? prefix4 : prefix6
  return {
    persistence: { timeoutSeconds, prefixLength, ...(engine === undefined ? {} : { engine }) },
  }
}

/**
 * A sorry server serves its own family; where ports can't be remapped, only the port it names. A service of all ports
 * hands every packet on with its own port (net/netfilter/ipvs/ip_vs_core.c, ip_vs_sched_persist).
 */
function sorryServerOf(
  { sorryServer, forwarding }: VirtualService,
  vip: string,
  port: Port,
): Pick<DesiredService, "sorryServer"> {
  if (sorryServer === undefined || family(sorryServer.address) !== family(vip)) return {}
  if (port.port === 0) return { sorryServer: { ...sorryServer, port: 0, forwarding } }
  if (forwarding !== "nat" && sorryServer.port !== port.port) return {}
  return { sorryServer: { ...sorryServer, forwarding } }
}

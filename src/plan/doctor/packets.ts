import { canonicalAddress, family } from "../../core/address.ts"
import { ipProtocols } from "../../core/ip-protocols.ts"
import {
  matchesOf,
  type DesiredServer,
  type DesiredService,
  type DesiredSync,
  type DesiredVrrp,
} from "../../model/desired.ts"
import type { RealServer } from "./check.ts"
import type { Packet } from "./packet.ts"

/** What a packet is called, and the packet. */
export interface NamedPacket extends Packet {
  readonly name: string
}

/**
 * What a director hears of the others of an instance of keepalived's. The agent itself hears before any packet filter. A director
 * that answered by unicast once has the other's adverts for the answers: connection tracking may let them in.
 */
export function vrrpPackets(vrrp: DesiredVrrp): NamedPacket[] {
  if (vrrp.driver === "native") return []
  const version = familyOf(vrrp.source)
  const common = { family: version, protocol: ipProtocols.vrrp, interface: vrrp.interface } as const
  if (vrrp.unicastPeers.length === 0) {
    const destination = version === 6 ? "ff02::12" : "224.0.0.18"
    return [{ ...common, name: `VRRP to ${destination}`, destination, isFirst: true }]
  }
  return vrrp.unicastPeers.map((source) => ({
    ...common,
    name: `VRRP from ${source}`,
    source,
    destination: vrrp.source,
    isFirst: false,
  }))
}

/** What a director hears of connection synchronisation. */
export function syncPacket({
  group = "224.0.0.81",
  port = 8848,
  interface: device,
}: DesiredSync): NamedPacket {
  return {
    name: `connection synchronisation to ${group} port ${port}`,
    family: familyOf(group),
    protocol: ipProtocols.udp,
    destination: group,
    interface: device,
    port,
    isFirst: true,
  }
}

/** What comes to a real server of tun from directors, for each of its addresses. */
export function tunnelPackets({ view, input }: Pick<RealServer, "view" | "input">): NamedPacket[] {
  const families = [...new Set(view.vips.map((vip) => vip.family))]
  const kinds = view.tunnels.flatMap((tunnel): Omit<NamedPacket, "destination" | "isFirst">[] => {
    switch (tunnel) {
      case "ipip":
        return [{ name: "IPIP (protocol 4)", family: 4, protocol: ipProtocols.ipip }]
      case "ip6tnl":
        return [{ name: "IPv6 in IPv6 (protocol 41)", family: 6, protocol: ipProtocols.ipv6 }]
      case "gre":
        return families.map((version) => ({
          name: "GRE (protocol 47)",
          family: version,
          protocol: ipProtocols.gre,
        }))
      case "gue":
        return (view.gueSockets ?? []).map((socket) => ({
          name: `GUE (udp port ${socket.port})`,
          family: socket.family,
          protocol: ipProtocols.udp,
          port: socket.port,
        }))
    }
  })
  return kinds.flatMap((kind) =>
    input.view.addresses
      .filter((address) => familyOf(address) === kind.family)
      .map((destination) => ({
        ...kind,
        name: `${kind.name} to ${destination}`,
        destination,
        isFirst: true,
      })),
  )
}

/** The first packets of a service's clients, as a director gets them. */
export function servicePackets(service: DesiredService): NamedPacket[] {
  return matchesOf(service).map(({ address, protocol, first, last }) =>
    clientPacket(address, protocol, first === last ? first : undefined),
  )
}

/** The first packets of a service's clients, as a real server gets them once what they came in by was taken off. */
export function servedPackets(
  service: DesiredService,
  { forwarding, address, port }: DesiredServer,
  { view }: Pick<RealServer, "view">,
): NamedPacket[] {
  if (forwarding === "nat")
    return matchesOf(service).map(({ protocol }) =>
      clientPacket(address, protocol, port === 0 ? undefined : port),
    )
  return servicePackets(service)
    .filter((packet) => packet.family === familyOf(address))
    .map((packet) => {
      const vip = view.vips.find((held) => held.address === packet.destination)
      return vip === undefined || vip.device === "lo"
        ? packet
        : { ...packet, interface: vip.device }
    })
}

function clientPacket(
  address: string,
  protocol: "tcp" | "udp" | "sctp",
  port: number | undefined,
): NamedPacket {
  const destination = canonicalAddress(address)
  return {
    name: `${protocol} to ${destination}${port === undefined ? "" : ` port ${port}`}`,
    family: familyOf(destination),
    protocol: ipProtocols[protocol],
    destination,
    ...(port === undefined ? {} : { port }),
    isFirst: true,
  }
}

function familyOf(address: string): 4 | 6 {
  return family(address) ?? 4
}

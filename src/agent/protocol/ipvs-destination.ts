import { addressBytes, family } from "../../core/address.ts"
import type { IpvsDestination, Tunnel } from "../../model/ipvs.ts"
import type { AttributeReader } from "./attribute-reader.ts"
import type { AttributeWriter } from "./attribute-writer.ts"
import {
  destinationAttributes as attributes,
  families,
  forwardingMask,
  forwardings,
  tunnelTypes,
  wordOf,
} from "./ipvs-constants.ts"
import { readAddress } from "./ipvs-service.ts"
import type { TrafficReading } from "./ipvs-traffic.ts"
import { readTraffic } from "./ipvs-traffic.ts"

/** One destination of a dump with its counters. */
export interface DestinationReading extends TrafficReading {
  readonly destination: IpvsDestination
  readonly active: number
  readonly inactive: number
  /** Clients that stick to it: templates of persistence. */
  readonly persistent: number
}

/** What identifies a destination within its service: enough for a deletion. */
export function writeDestinationKey(
  writer: AttributeWriter,
  destination: { readonly address: string; readonly port: number },
): void {
  writer
    .bytes(attributes.address, addressBytes(destination.address))
    .u16be(attributes.port, destination.port)
    .u16(attributes.family, families[family(destination.address) ?? 4])
}

/** All attributes, tunnel included: SET_DEST replaces every one and takes the default for what is missing. */
export function writeDestination(writer: AttributeWriter, destination: IpvsDestination): void {
  const { tunnel } = destination
  writeDestinationKey(writer, destination)
  writer
    .u32(attributes.forwarding, forwardings[destination.forwarding])
    .u32(attributes.weight, destination.weight)
    .u32(attributes.upperThreshold, destination.upperThreshold)
    .u32(attributes.lowerThreshold, destination.lowerThreshold)
    .u8(attributes.tunnelType, tunnelTypes[tunnel?.type ?? "ipip"])
    .u16be(attributes.tunnelPort, tunnel?.port ?? 0)
    .u16(attributes.tunnelFlags, 0)
}

/**
 * A destination from the attributes of a dump; undefined when they are not whole.
 * A plain IP-in-IP tunnel is told by its forwarding alone and has no `tunnel`.
 * @param serviceFamily family of its service, which counts where the kernel (before 3.18) tells none.
 */
export function readDestination(
  reader: AttributeReader,
  serviceFamily: 4 | 6,
): DestinationReading | undefined {
  const kernelFamily = reader.u16(attributes.family) ?? families[serviceFamily]
  const version = kernelFamily === families[6] ? 6 : 4
  const address = readAddress(reader.bytes(attributes.address), version)
  const port = reader.u16be(attributes.port)
  const forwarding = wordOf(forwardings, (reader.u32(attributes.forwarding) ?? 0) & forwardingMask)
  const weight = reader.u32(attributes.weight)
  if (
    address === undefined ||
    port === undefined ||
    forwarding === undefined ||
    weight === undefined
  )
    return undefined
  const tunnel = forwarding === "tun" ? readTunnel(reader) : undefined
  return {
    destination: {
      address,
      port,
      forwarding,
      weight,
      upperThreshold: reader.u32(attributes.upperThreshold) ?? 0,
      lowerThreshold: reader.u32(attributes.lowerThreshold) ?? 0,
      ...(tunnel === undefined ? {} : { tunnel }),
    },
    active: reader.u32(attributes.activeConnections) ?? 0,
    inactive: reader.u32(attributes.inactiveConnections) ?? 0,
    persistent: reader.u32(attributes.persistentConnections) ?? 0,
    ...readTraffic(reader.nest(attributes.stats64) ?? reader.nest(attributes.stats)),
  }
}

function readTunnel(reader: AttributeReader): Tunnel | undefined {
  const type = wordOf(tunnelTypes, reader.u8(attributes.tunnelType))
  if (type === undefined || type === "ipip") return undefined
  return type === "gue" ? { type, port: reader.u16be(attributes.tunnelPort) ?? 0 } : { type }
}

import { compareAddresses } from "../../core/address.ts"
import type { ServerCounters } from "../../model/agent-status.ts"
import {
  destinationName,
  type IpvsService,
  type ServiceKey,
  serviceName,
} from "../../model/ipvs.ts"
import { commands } from "../protocol/ipvs-constants.ts"
import type { DestinationReading } from "../protocol/ipvs-destination.ts"
import { decodeDestination, decodeService, encodeServiceKey } from "../protocol/ipvs-request.ts"
import type { ServiceReading } from "../protocol/ipvs-service.ts"
import type { IpvsSnapshot } from "./ipvs-kernel.ts"
import type { FamilySocket } from "./netlink.ts"

/** How often a table that changes while it is read is read again. */
const attempts = 4
/** A list that fits one datagram is one moment's; the end of the dump may come in a datagram of its own. */
const wholeDump = 2

/**
 * A dump is no snapshot: the kernel lets writers in between its datagrams, and between one dump and the next. So services are read
 * before and after their destinations until both readings agree, and destinations of more than one datagram until two do; a table
 * that never holds still is told as it was read last.
 */
export function dumpTable(socket: FamilySocket): IpvsSnapshot {
  let before = dumpServices(socket)
  for (let attempt = 1; ; attempt++) {
    const readings = before.map(({ service }) => dumpDestinations(socket, service.key))
    const after = dumpServices(socket)
    if (attempt === attempts || sameText(heads(before), heads(after)))
      return snapshot(before, readings)
    before = after
  }
}

function dumpServices(socket: FamilySocket): readonly ServiceReading[] {
  const services: ServiceReading[] = []
  socket.dump({ command: commands.getService, attributes: new Uint8Array() }, (payload) => {
    const service = decodeService(payload)
    if (service !== undefined) services.push(service)
  })
  return services
}

function dumpDestinations(socket: FamilySocket, key: ServiceKey): readonly DestinationReading[] {
  let former: readonly DestinationReading[] | undefined
  for (let attempt = 1; ; attempt++) {
    const readings: DestinationReading[] = []
    const request = { command: commands.getDestination, attributes: encodeServiceKey(key) }
    const datagrams = socket.dump(request, (payload) => {
      const reading = decodeDestination(payload, key)
      if (reading !== undefined) readings.push(reading)
    })
    const agrees = former !== undefined && sameText(configs(former), configs(readings))
    if (datagrams <= wholeDump || agrees || attempt === attempts) return readings
    former = readings
  }
}

function configs(readings: readonly DestinationReading[]): readonly unknown[] {
  return readings.map((reading) => reading.destination)
}

function heads(readings: readonly ServiceReading[]): readonly unknown[] {
  return readings.map((reading) => reading.service)
}

function sameText(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && JSON.stringify(left) === JSON.stringify(right)
}

function snapshot(
  services: readonly ServiceReading[],
  readings: readonly (readonly DestinationReading[])[],
): IpvsSnapshot {
  const counters: ServerCounters[] = []
  const table = services.map(({ service }, index): IpvsService => {
    const sorted = [...(readings[index] ?? [])].sort(byEndpoint)
    const name = serviceName(service.key)
    for (const { destination, ...numbers } of sorted)
      counters.push({
        service: name,
        server: destinationName(destination),
        connections: numbers.traffic.connections,
        ...numbers,
      })
    return { ...service, destinations: sorted.map((reading) => reading.destination) }
  })
  return {
    table,
    counters,
    services: services.map(({ service, ...numbers }) => ({
      service: serviceName(service.key),
      ...numbers,
    })),
  }
}

function byEndpoint(left: DestinationReading, right: DestinationReading): number {
  const [a, b] = [left.destination, right.destination]
  return compareAddresses(a.address, b.address) || a.port - b.port
}

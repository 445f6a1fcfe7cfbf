import { addressBytes, formatAddress } from "../../core/address.ts"
import type { IpvsService, Persistence, SchedulerFlag, ServiceKey } from "../../model/ipvs.ts"
import { keyFamily } from "../../model/ipvs.ts"
import type { AttributeReader } from "./attribute-reader.ts"
import type { AttributeWriter } from "./attribute-writer.ts"
import {
  families,
  protocols,
  serviceAttributes as attributes,
  serviceFlags as bits,
  wordOf,
} from "./ipvs-constants.ts"
import type { TrafficReading } from "./ipvs-traffic.ts"
import { readTraffic } from "./ipvs-traffic.ts"

/** A service as the kernel tells it: its destinations are asked for apart. */
export type ServiceHead = Omit<IpvsService, "destinations">

/** One service of a dump with its counters. */
export interface ServiceReading extends TrafficReading {
  readonly service: ServiceHead
}

/** Flags that a setting decides; the kernel keeps its own (HASHED). */
const settable =
  bits.persistent | bits.onePacket | bits.scheduler1 | bits.scheduler2 | bits.scheduler3

/**
 * IP_VS_SVC_F_SCHED1 and 2 are fallback and port for both schedulers that have flags
 * (IP_VS_SVC_F_SCHED_SH_*, IP_VS_SVC_F_SCHED_MH_*); the words differ by scheduler.
 */
const flagBits: Readonly<Record<SchedulerFlag, number>> = {
  "sh-fallback": bits.scheduler1,
  "sh-port": bits.scheduler2,
  "mh-fallback": bits.scheduler1,
  "mh-port": bits.scheduler2,
}
const flagWords: Readonly<Record<string, readonly SchedulerFlag[]>> = {
  sh: ["sh-fallback", "sh-port"],
  mh: ["mh-fallback", "mh-port"],
}

/** Attributes that identify a service: enough for a deletion, or to address its destinations. */
export function writeServiceKey(writer: AttributeWriter, key: ServiceKey): void {
  writer.u16(attributes.family, families[keyFamily(key)])
  if (key.kind === "fwmark") {
    writer.u32(attributes.fwmark, key.fwmark)
    return
  }
  writer
    .u16(attributes.protocol, protocols[key.protocol])
    .bytes(attributes.address, addressBytes(key.address))
    .u16be(attributes.port, key.port)
}

/** All attributes of a service, as NEW_SERVICE and SET_SERVICE want them; an engine left out is taken off. */
export function writeService(writer: AttributeWriter, service: ServiceHead): void {
  const { persistence } = service
  writeServiceKey(writer, service.key)
  writer
    .string(attributes.scheduler, service.scheduler)
    .bytes(attributes.flags, flagsStruct(flagsOf(service)))
    .u32(attributes.timeout, persistence?.timeoutSeconds ?? 0)
  writeNetmask(writer, keyFamily(service.key), persistence?.prefixLength)
  if (persistence?.engine !== undefined)
    writer.string(attributes.persistenceEngine, persistence.engine)
}

/** A service from the attributes of a dump; undefined when it is none the model has words for. */
export function readService(reader: AttributeReader): ServiceReading | undefined {
  const key = readServiceKey(reader)
  const scheduler = reader.string(attributes.scheduler)
  const flags = reader.bytes(attributes.flags)
  if (key === undefined || scheduler === undefined || flags?.length !== 8) return undefined
  const set = new DataView(flags.buffer, flags.byteOffset).getUint32(0, true)
  const persistence = readPersistence(reader, set, keyFamily(key))
  const service = {
    key,
    scheduler,
    flags: (flagWords[scheduler] ?? []).filter((flag) => set & flagBits[flag]),
    onePacket: (set & bits.onePacket) !== 0,
    ...(persistence === undefined ? {} : { persistence }),
  }
  return {
    service,
    ...readTraffic(reader.nest(attributes.stats64) ?? reader.nest(attributes.stats)),
  }
}

function readServiceKey(reader: AttributeReader): ServiceKey | undefined {
  const version =
    reader.u16(attributes.family) === families[6]
      ? 6
      : reader.u16(attributes.family) === families[4]
        ? 4
        : undefined
  if (version === undefined) return undefined
  const fwmark = reader.u32(attributes.fwmark)
  if (fwmark !== undefined && fwmark !== 0) return { kind: "fwmark", fwmark, family: version }
  const protocol = wordOf(protocols, reader.u16(attributes.protocol))
  const address = readAddress(reader.bytes(attributes.address), version)
  const port = reader.u16be(attributes.port)
  if (protocol === undefined || address === undefined || port === undefined) return undefined
  return { kind: "address", protocol, address, port }
}

/** Dumps carry 16 bytes for either family; IPv4 is in the first 4. */
export function readAddress(bytes: Uint8Array | undefined, version: 4 | 6): string | undefined {
  const length = version === 4 ? 4 : 16
  if (bytes === undefined || bytes.length < length) return undefined
  return formatAddress(bytes.subarray(0, length))
}

function flagsOf(service: ServiceHead): number {
  const scheduler = service.flags.reduce((sum, flag) => sum | flagBits[flag], 0)
  const persistent = service.persistence === undefined ? 0 : bits.persistent
  return scheduler | persistent | (service.onePacket ? bits.onePacket : 0)
}

/** struct ip_vs_flags {flags, mask}: only bits in the mask are changed. */
function flagsStruct(flags: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, flags, true)
  view.setUint32(4, settable, true)
  return bytes
}

/** IPv4: the mask in network order; IPv6: the prefix length in host order (ip_vs_ctl.c). */
function writeNetmask(writer: AttributeWriter, version: 4 | 6, prefix: number | undefined): void {
  if (version === 6) writer.u32(attributes.netmask, prefix ?? 128)
  else writer.u32be(attributes.netmask, prefix === 0 ? 0 : (-1 << (32 - (prefix ?? 32))) >>> 0)
}

function readPersistence(
  reader: AttributeReader,
  flags: number,
  version: 4 | 6,
): Persistence | undefined {
  if ((flags & bits.persistent) === 0) return undefined
  const engine = reader.string(attributes.persistenceEngine)
  const prefixLength =
    version === 6
      ? (reader.u32(attributes.netmask) ?? 128)
      : 32 - trailingZeros(reader.u32be(attributes.netmask) ?? 0xffffffff)
  return {
    timeoutSeconds: reader.u32(attributes.timeout) ?? 0,
    prefixLength,
    ...(engine === "sip" ? { engine } : {}),
  }
}

function trailingZeros(value: number): number {
  return value === 0 ? 32 : 31 - Math.clz32(value & -value)
}

import { addressBytes, family } from "../../core/address.ts"
import type { IpvsTimeouts, SyncDaemon, SyncTransport } from "../../model/ipvs.ts"
import { AttributeReader } from "./attribute-reader.ts"
import { AttributeWriter } from "./attribute-writer.ts"
import {
  commandAttributes,
  daemonAttributes as attributes,
  daemonStates,
  wordOf,
} from "./ipvs-constants.ts"
import { readAddress } from "./ipvs-service.ts"

export type SyncRole = SyncDaemon["role"]

/** Attributes of NEW_DAEMON; what the daemon leaves out the kernel chooses. */
export function encodeDaemon(daemon: SyncDaemon): Uint8Array {
  const { group, port, ttl, maxlen } = daemon
  return new AttributeWriter()
    .nest(commandAttributes.daemon, (inner) => {
      inner
        .u32(attributes.state, daemonStates[daemon.role])
        .string(attributes.interface, daemon.interface)
        .u32(attributes.syncId, daemon.syncId)
      if (maxlen !== undefined) inner.u16(attributes.maxlen, maxlen)
      if (group !== undefined)
        inner.bytes(family(group) === 6 ? attributes.group6 : attributes.group, addressBytes(group))
      if (port !== undefined) inner.u16(attributes.port, port)
      if (ttl !== undefined) inner.u8(attributes.ttl, ttl)
    })
    .finish()
}

/** Attributes of DEL_DAEMON. */
export function encodeDaemonRole(role: SyncRole): Uint8Array {
  return new AttributeWriter()
    .nest(commandAttributes.daemon, (inner) => inner.u32(attributes.state, daemonStates[role]))
    .finish()
}

/** A daemon from one message of a GET_DAEMON dump. */
export function decodeDaemon(payload: Uint8Array): SyncDaemon | undefined {
  const reader = new AttributeReader(payload).nest(commandAttributes.daemon)
  const role = wordOf(daemonStates, reader?.u32(attributes.state))
  const name = reader?.string(attributes.interface)
  const syncId = reader?.u32(attributes.syncId)
  if (reader === undefined || role === undefined || name === undefined || syncId === undefined)
    return undefined
  return { role, interface: name, syncId, ...readTransport(reader) }
}

/** Kernels before 4.3 tell nothing of it (include/uapi/linux/ip_vs.h). */
function readTransport(reader: AttributeReader): SyncTransport {
  const group =
    readAddress(reader.bytes(attributes.group6), 6) ??
    readAddress(reader.bytes(attributes.group), 4)
  const port = reader.u16(attributes.port)
  const ttl = reader.u8(attributes.ttl)
  const maxlen = reader.u16(attributes.maxlen)
  return {
    ...(group === undefined ? {} : { group }),
    ...(port === undefined ? {} : { port }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(maxlen === undefined ? {} : { maxlen }),
  }
}

/** Attributes of SET_CONFIG; the kernel leaves a timeout that is missing, or 0, as it is. */
export function encodeTimeouts(timeouts: Partial<IpvsTimeouts>): Uint8Array {
  return new AttributeWriter()
    .u32(commandAttributes.timeoutTcp, timeouts.tcp ?? 0)
    .u32(commandAttributes.timeoutTcpFin, timeouts.tcpFin ?? 0)
    .u32(commandAttributes.timeoutUdp, timeouts.udp ?? 0)
    .finish()
}

/** The answer to GET_CONFIG; a kernel without one protocol (CONFIG_IP_VS_PROTO_*) leaves its timeout out: 0. */
export function decodeTimeouts(payload: Uint8Array): IpvsTimeouts {
  const reader = new AttributeReader(payload)
  return {
    tcp: reader.u32(commandAttributes.timeoutTcp) ?? 0,
    tcpFin: reader.u32(commandAttributes.timeoutTcpFin) ?? 0,
    udp: reader.u32(commandAttributes.timeoutUdp) ?? 0,
  }
}

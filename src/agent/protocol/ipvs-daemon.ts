import { AttributeReader } from "./attribute-reader.ts"
import { AttributeWriter } from "./attribute-writer.ts"
import {
  commandAttributes,
  daemonAttributes as attributes,
  daemonStates,
  wordOf,
} from "./ipvs-constants.ts"

export type SyncRole = "master" | "backup"

/** A connection synchronisation daemon; a kernel runs at most one of each role. */
export interface SyncDaemon {
  readonly role: SyncRole
  readonly interface: string
  /** 0 to 255; a backup takes only messages of its own id, or of any when its id is 0. */
  readonly syncId: number
}

/** Seconds an idle connection entry lives (ipvsadm --set); the kernel's defaults are 900, 120 and 300. */
export interface IpvsTimeouts {
  readonly tcp: number
  readonly tcpFin: number
  readonly udp: number
}

/** Attributes of NEW_DAEMON: the kernel's own multicast group (224.0.0.81), port and size stay. */
export function encodeDaemon(daemon: SyncDaemon): Uint8Array {
  return new AttributeWriter()
    .nest(commandAttributes.daemon, (inner) =>
      inner
        .u32(attributes.state, daemonStates[daemon.role])
        .string(attributes.interface, daemon.interface)
        .u32(attributes.syncId, daemon.syncId),
    )
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
  if (role === undefined || name === undefined || syncId === undefined) return undefined
  return { role, interface: name, syncId }
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

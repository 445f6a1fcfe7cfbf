import { addressBytes, family } from "../../core/address.ts"
import { Failure } from "../../core/failure.ts"
import { etherTypes } from "../protocol/ethernet.ts"
import { vrrpGroups, vrrpProtocol, vrrpTtl } from "../protocol/vrrp.ts"
import { vrrpFilters } from "../protocol/vrrp-frame.ts"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"
import { openPacketSocket } from "./packet-socket.ts"
import { addressFamily, socketAddress } from "./socket-address.ts"

/** include/linux/socket.h, include/uapi/asm-generic/socket.h, include/uapi/linux/in.h, in6.h, pkt_sched.h */
const constants = {
  SOCK_RAW_CLOEXEC_NONBLOCK: 3 | 0o2000000 | 0o4000,
  MSG_DONTWAIT: 0x40,
  SOL_SOCKET: 1,
  SO_RCVBUF: 8,
  SO_PRIORITY: 12,
  SO_BINDTODEVICE: 25,
  TC_PRIO_CONTROL: 7,
} as const
const options4 = {
  level: 0,
  trafficClass: 1,
  hops: 2,
  multicastInterface: 32,
  multicastHops: 33,
  multicastLoop: 34,
  join: 35,
} as const
const options6 = {
  level: 41,
  trafficClass: 67,
  hops: 16,
  multicastInterface: 17,
  multicastHops: 18,
  multicastLoop: 19,
  join: 20,
} as const
/** Internetwork control, as routing protocols have it (RFC 2474 section 4.2.2.2). */
const internetworkControl = 0xc0

/** One interface's and source's way to say and hear VRRP; needs CAP_NET_RAW. */
export interface VrrpSocket {
  /** Readable when a frame has come. */
  readonly fd: number
  /** Sends a VRRP packet; the reason when it was not sent. */
  send(payload: Uint8Array, destination: string): string | undefined
  /** The frames that have come since the last reading, with or without a reason to end. */
  read(): readonly Uint8Array[]
  close(): void
}

/**
 * Opens VRRP on an interface from one of its addresses. What is said goes through a raw socket (raw(7)), so that routes and neighbours are
 * the kernel's; what is heard comes through a packet socket, which shows the TTL and destination of IPv6 too. The raw socket is
 * member of the group, and being there it keeps the kernel from answering unicast adverts with ICMP; what it hears itself it drops.
 * @throws Failure when the interface or the address is not there, or permission.
 */
export function openVrrpSocket(interfaceName: string, source: string): VrrpSocket {
  const version = family(source) === 6 ? 6 : 4
  const fd = openSender(interfaceName, source, version)
  try {
    const etherType = version === 4 ? etherTypes.ipv4 : etherTypes.ipv6
    const hearing = openPacketSocket(interfaceName, etherType, vrrpFilters[version])
    return {
      fd: hearing.fd,
      send: (payload, destination) => {
        const address = scopedAddress(destination, interfaceName)
        const sent = libc.sendto(fd, payload, constants.MSG_DONTWAIT, address)
        return sent < 0 ? errorWords(sent) : undefined
      },
      read: () => hearing.read(),
      close: () => {
        libc.close(fd)
        hearing.close()
      },
    }
  } catch (thrown) {
    libc.close(fd)
    throw thrown
  }
}

function openSender(interfaceName: string, source: string, version: 4 | 6): number {
  const fd = libc.socket(addressFamily(source), constants.SOCK_RAW_CLOEXEC_NONBLOCK, vrrpProtocol)
  if (fd < 0) throw failed(interfaceName, fd)
  for (const step of setup(fd, interfaceName, source, version)) {
    const result = step()
    if (result >= 0) continue
    libc.close(fd)
    throw failed(interfaceName, result)
  }
  return fd
}

function setup(
  fd: number,
  interfaceName: string,
  source: string,
  version: 4 | 6,
): readonly (() => number)[] {
  const options = version === 4 ? options4 : options6
  const index = libc.interfaceIndex(interfaceName)
  const set = (name: number, value: number) => () =>
    libc.setIntOption(fd, options.level, name, value)
  const device = new TextEncoder().encode(`${interfaceName}\0`)
  const membership = version === 4 ? membership4(index) : membership6(index)
  return [
    () => index,
    () => libc.setsockopt(fd, constants.SOL_SOCKET, constants.SO_BINDTODEVICE, device),
    () => libc.setIntOption(fd, constants.SOL_SOCKET, constants.SO_RCVBUF, 0),
    () =>
      libc.setIntOption(fd, constants.SOL_SOCKET, constants.SO_PRIORITY, constants.TC_PRIO_CONTROL),
    set(options.trafficClass, internetworkControl),
    set(options.hops, vrrpTtl),
    set(options.multicastHops, vrrpTtl),
    set(options.multicastLoop, 0),
    version === 4
      ? () => libc.setsockopt(fd, options.level, options.multicastInterface, membership)
      : set(options.multicastInterface, index),
    () => libc.setsockopt(fd, options.level, options.join, membership),
    () => libc.bind(fd, scopedAddress(source, interfaceName)),
  ]
}

/** struct ip_mreqn: group, address, interface (ip(7)). */
function membership4(index: number): Uint8Array {
  const bytes = new Uint8Array(12)
  bytes.set(addressBytes(vrrpGroups[4]))
  new DataView(bytes.buffer).setInt32(8, index, true)
  return bytes
}

/** struct ipv6_mreq: group, interface (ipv6(7)). */
function membership6(index: number): Uint8Array {
  const bytes = new Uint8Array(20)
  bytes.set(addressBytes(vrrpGroups[6]))
  new DataView(bytes.buffer).setInt32(16, index, true)
  return bytes
}

/** Addresses of link scope need the interface, which has another index once it was made anew. */
function scopedAddress(address: string, interfaceName: string): Uint8Array {
  if (family(address) !== 6) return socketAddress(address)
  return socketAddress(address, Math.max(0, libc.interfaceIndex(interfaceName)))
}

function failed(interfaceName: string, errno: number): Failure {
  return new Failure("failed", `no VRRP on ${interfaceName}: ${errorWords(errno)}`)
}

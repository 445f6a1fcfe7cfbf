import { Failure } from "../../core/failure.ts"
import { formatMac } from "../protocol/ethernet.ts"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"

/** include/linux/socket.h, include/linux/net.h, include/uapi/linux/if_packet.h */
const constants = {
  AF_PACKET: 17,
  SOCK_RAW_CLOEXEC_NONBLOCK: 3 | 0o2000000 | 0o4000,
  MSG_DONTWAIT: 0x40,
  EAGAIN: 11,
  sockaddrLength: 20,
  sockaddrMac: 12,
} as const
const frameBytes = 2048

/** Frames of one EtherType on one interface; needs CAP_NET_RAW. */
export interface PacketSocket {
  /** The interface's own. */
  readonly mac: string
  readonly fd: number
  send(frame: Uint8Array): void
  /** All frames that have come since the last reading. */
  read(): readonly Uint8Array[]
  close(): void
}

/**
 * Opens a packet socket (packet(7)) in the network namespace of the process; sees what comes in, not what goes out.
 * @param filter classic packet filter that the kernel applies, from the first frame on.
 * @throws Failure when there is no such interface or no permission.
 */
export function openPacketSocket(
  interfaceName: string,
  etherType: number,
  filter?: Uint8Array,
): PacketSocket {
  const index = libc.interfaceIndex(interfaceName)
  if (index < 0) throw failed(interfaceName, index)
  const fd = libc.socket(constants.AF_PACKET, constants.SOCK_RAW_CLOEXEC_NONBLOCK, 0)
  if (fd < 0) throw failed(interfaceName, fd)
  const filtered = filter === undefined ? 0 : libc.attachFilter(fd, filter)
  const bound = filtered < 0 ? filtered : libc.bind(fd, linkAddress(etherType, index))
  const own = new Uint8Array(constants.sockaddrLength)
  const named = bound < 0 ? bound : libc.getsockname(fd, own)
  if (named < 0) {
    libc.close(fd)
    throw failed(interfaceName, named)
  }
  return {
    mac: formatMac(own.subarray(constants.sockaddrMac, constants.sockaddrMac + 6)),
    fd,
    send: (frame) => {
      const sent = libc.sendto(fd, frame, constants.MSG_DONTWAIT)
      if (sent < 0) throw failed(interfaceName, sent)
    },
    read: () => readAll(fd, interfaceName),
    close: () => void libc.close(fd),
  }
}

function readAll(fd: number, interfaceName: string): readonly Uint8Array[] {
  const frames: Uint8Array[] = []
  const buffer = new Uint8Array(frameBytes)
  for (;;) {
    const length = libc.recv(fd, buffer, constants.MSG_DONTWAIT)
    if (length === -constants.EAGAIN) return frames
    if (length < 0) throw failed(interfaceName, length)
    frames.push(buffer.slice(0, length))
  }
}

/** In place of the index of one interface (packet(7)). */
export const everyInterface = 0

/** struct sockaddr_ll: family, protocol in network order, interface. */
export function linkAddress(etherType: number, index: number): Uint8Array {
  const bytes = new Uint8Array(constants.sockaddrLength)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, constants.AF_PACKET, true)
  view.setUint16(2, etherType)
  view.setInt32(4, index, true)
  return bytes
}

function failed(interfaceName: string, errno: number): Failure {
  return new Failure("failed", `no frames on ${interfaceName}: ${errorWords(errno)}`)
}

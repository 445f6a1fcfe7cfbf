import { Failure } from "../../core/failure.ts"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"
import { addressFamily, socketAddress } from "./socket-address.ts"

/** include/linux/net.h, include/uapi/linux/{in,icmp,icmpv6}.h, include/uapi/asm-generic/socket.h */
const constants = {
  SOCK_RAW_CLOEXEC_NONBLOCK: 3 | 0o2000000 | 0o4000,
  IPPROTO_ICMP: 1,
  IPPROTO_ICMPV6: 58,
  SOL_RAW: 255,
  ICMP_FILTER: 1,
  ICMPV6_FILTER: 1,
  SOL_SOCKET: 1,
  SO_RCVBUFFORCE: 33,
  MSG_DONTWAIT: 0x40,
} as const
/** Hundreds of replies may come between two readings. */
const receiveBytes = 4 * 1024 * 1024

/** Sends echo requests and reads echo replies, those to other programs among them. Needs CAP_NET_RAW. */
export interface EchoSocket {
  /** Throws Failure when there is no way to the address. */
  send(address: string, message: Uint8Array): void
  /** All packets that have come since the last reading. */
  read(): readonly Uint8Array[]
  close(): void
}

/** Opens a raw ICMP socket (raw(7)) of one family, bound to `source` where there is one. Throws Failure. */
export function openEchoSocket(version: 4 | 6, source: string | undefined): EchoSocket {
  const domain = addressFamily(version === 4 ? "0.0.0.0" : "::")
  const protocol = version === 4 ? constants.IPPROTO_ICMP : constants.IPPROTO_ICMPV6
  const fd = libc.socket(domain, constants.SOCK_RAW_CLOEXEC_NONBLOCK, protocol)
  if (fd < 0) throw failed(fd)
  const { SOL_SOCKET, SO_RCVBUFFORCE } = constants
  // Refused without CAP_NET_ADMIN: a smaller buffer does for fewer checks.
  libc.setIntOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBytes)
  const filtered = filterReplies(fd, version)
  const bound =
    filtered < 0 || source === undefined ? filtered : libc.bind(fd, socketAddress(source))
  if (bound < 0) {
    libc.close(fd)
    throw failed(bound)
  }
  return {
    send: (address, message) => {
      const sent = libc.sendto(fd, message, constants.MSG_DONTWAIT, socketAddress(address))
      if (sent < 0) throw failed(sent)
    },
    read: () => readAll(fd),
    close: () => void libc.close(fd),
  }
}

/** The filters name what is kept out: icmp(7) by a mask of types, RFC 3542 section 3.2 by 256 bits. */
function filterReplies(fd: number, version: 4 | 6): number {
  if (version === 4)
    return libc.setIntOption(fd, constants.SOL_RAW, constants.ICMP_FILTER, ~(1 << 0))
  const blocked = new Uint32Array(8).fill(0xffffffff)
  const echoReply = 129
  blocked[echoReply >> 5] = ~(1 << (echoReply & 31)) >>> 0
  const { IPPROTO_ICMPV6, ICMPV6_FILTER } = constants
  return libc.setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, new Uint8Array(blocked.buffer))
}

function readAll(fd: number): readonly Uint8Array[] {
  const packets: Uint8Array[] = []
  const buffer = new Uint8Array(2048)
  for (;;) {
    const length = libc.recv(fd, buffer, constants.MSG_DONTWAIT)
    // Whatever else than an empty socket this is: the next reading will tell.
    if (length < 0) return packets
    packets.push(buffer.slice(0, length))
  }
}

function failed(errno: number): Failure {
  return new Failure("failed", errorWords(errno).replace(/^\w+: /, ""))
}

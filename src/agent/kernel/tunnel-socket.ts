import { Failure } from "../../core/failure.ts"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"
import { addressFamily, socketAddress } from "./socket-address.ts"

/** include/linux/net.h, include/uapi/linux/{in,in6}.h */
const constants = {
  SOCK_RAW_CLOEXEC_NONBLOCK: 3 | 0o2000000 | 0o4000,
  IPPROTO_IP: 0,
  IP_MTU_DISCOVER: 10,
  IPPROTO_IPV6: 41,
  IPV6_MTU_DISCOVER: 23,
  /** IP_PMTUDISC_DO, IPV6_PMTUDISC_DO: DF is set, and what is larger than the known way is refused. */
  discover: 2,
  MSG_DONTWAIT: 0x40,
} as const

/** Sends packets of a tunnel's protocol to one host, each whole or not at all. */
export interface TunnelSocket {
  readonly fd: number
  /** The number of bytes sent, or a negated errno: -EMSGSIZE when the packet is larger than the way takes. */
  send(bytes: Uint8Array): number
  close(): void
}

/** Opens a raw socket (raw(7)) from `source` to `destination`; needs CAP_NET_RAW. Throws Failure. */
export function openTunnelSocket(
  protocol: number,
  source: string,
  destination: string,
): TunnelSocket {
  const fd = libc.socket(addressFamily(source), constants.SOCK_RAW_CLOEXEC_NONBLOCK, protocol)
  if (fd < 0) throw failed(destination, fd)
  const { IPPROTO_IP, IP_MTU_DISCOVER, IPPROTO_IPV6, IPV6_MTU_DISCOVER, discover } = constants
  const [level, name] = source.includes(":")
    ? [IPPROTO_IPV6, IPV6_MTU_DISCOVER]
    : [IPPROTO_IP, IP_MTU_DISCOVER]
  const whole = libc.setIntOption(fd, level, name, discover)
  const bound = whole < 0 ? whole : libc.bind(fd, socketAddress(source))
  if (bound < 0) {
    libc.close(fd)
    throw failed(destination, bound)
  }
  const to = socketAddress(destination)
  return {
    fd,
    send: (bytes) => libc.sendto(fd, bytes, constants.MSG_DONTWAIT, to),
    close: () => void libc.close(fd),
  }
}

function failed(destination: string, errno: number): Failure {
  return new Failure("failed", `no tunnel to ${destination}: ${errorWords(errno)}`)
}

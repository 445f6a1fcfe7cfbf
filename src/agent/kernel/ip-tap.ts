import { addressBytes, family } from "../../core/address.ts"
import { Failure } from "../../core/failure.ts"
import { etherTypes } from "../protocol/ethernet.ts"
import { packetFilter } from "../protocol/packet-filter.ts"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"
import { everyInterface, linkAddress } from "./packet-socket.ts"

/** include/linux/socket.h, include/linux/net.h */
const constants = {
  AF_PACKET: 17,
  SOCK_DGRAM_CLOEXEC_NONBLOCK: 2 | 0o2000000 | 0o4000,
  MSG_DONTWAIT: 0x40,
} as const
const packetBytes = 2048
/** Where the headers have the destination (RFC 791 section 3.1, RFC 8200 section 3). */
const destinationAt = { 4: 16, 6: 24 } as const

/** IP packets to one address of this host, from whichever interface, before routing and firewall see them. */
export interface IpTap {
  /** All packets that have come since the last reading. */
  read(): readonly Uint8Array[]
  close(): void
}

/** Opens a packet socket without link headers (packet(7)); needs CAP_NET_RAW. Throws Failure. */
export function openIpTap(address: string): IpTap {
  const version = family(address) ?? 4
  const fd = libc.socket(constants.AF_PACKET, constants.SOCK_DGRAM_CLOEXEC_NONBLOCK, 0)
  if (fd < 0) throw failed(address, fd)
  const tests = Array.from(addressBytes(address), (is, index) => ({
    at: destinationAt[version] + index,
    is,
  }))
  const filtered = libc.attachFilter(fd, packetFilter(tests))
  const etherType = version === 4 ? etherTypes.ipv4 : etherTypes.ipv6
  const bound = filtered < 0 ? filtered : libc.bind(fd, linkAddress(etherType, everyInterface))
  if (bound < 0) {
    libc.close(fd)
    throw failed(address, bound)
  }
  return { read: () => readAll(fd), close: () => void libc.close(fd) }
}

function readAll(fd: number): readonly Uint8Array[] {
  const packets: Uint8Array[] = []
  const buffer = new Uint8Array(packetBytes)
  for (;;) {
    const length = libc.recv(fd, buffer, constants.MSG_DONTWAIT)
    // Whatever else than an empty socket this is: the next reading will tell.
    if (length < 0) return packets
    packets.push(buffer.slice(0, length))
  }
}

function failed(address: string, errno: number): Failure {
  return new Failure("failed", `no packets to ${address}: ${errorWords(errno)}`)
}

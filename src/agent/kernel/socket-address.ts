import { addressBytes, family } from "../../core/address.ts"

/** include/linux/socket.h */
const families = { 4: 2, 6: 10 } as const

/** AF_INET or AF_INET6, by the form of an address. */
export function addressFamily(address: string): number {
  return families[family(address) ?? 4]
}

/** struct sockaddr_in or sockaddr_in6 with port 0; an IPv6 address of link scope needs the index of its interface (ipv6(7)). */
export function socketAddress(address: string, interfaceIndex = 0): Uint8Array {
  const isV6 = family(address) === 6
  const bytes = new Uint8Array(isV6 ? 28 : 16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, addressFamily(address), true)
  bytes.set(addressBytes(address), isV6 ? 8 : 4)
  if (isV6) view.setUint32(24, interfaceIndex, true)
  return bytes
}

import { contains } from "./address.ts"

/** Whether an address has a meaning on one link alone: fe80::/10 (RFC 4291 section 2.5.6) and 169.254.0.0/16 (RFC 3927). */
export function isLinkScope(address: string): boolean {
  return contains("fe80::", 10, address) || contains("169.254.0.0", 16, address)
}

/** Whether an address is every host's own: 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and ::1 (RFC 4291 section 2.5.3). */
export function isLoopbackAddress(address: string): boolean {
  return contains("127.0.0.0", 8, address) || contains("::1", 128, address)
}

import { contains } from "../core/address.ts"

/** Networks in which no host or VIP can live (RFC 6890 and the registries it set up). */
const unusable = [
  ["0.0.0.0", 8, "an unspecified address"],
  ["127.0.0.0", 8, "a loopback address"],
  ["224.0.0.0", 4, "a multicast address"],
  ["240.0.0.0", 4, "a reserved or broadcast address"],
  ["::", 128, "an unspecified address"],
  ["::1", 128, "a loopback address"],
  ["::ffff:0:0", 96, "an IPv4 address in IPv6 dress"],
  ["fe80::", 10, "a link-local address, which needs a zone"],
  ["ff00::", 8, "a multicast address"],
] as const

/** What kind of address it is when nobody can be reached there by it; undefined for a good one. */
export function whyUnusable(address: string): string | undefined {
  return unusable.find(([network, prefix]) => contains(network, prefix, address))?.[2]
}

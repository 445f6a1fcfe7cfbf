import { contains } from "../../core/address.ts"

/** An address of this host with its network. */
export interface OwnAddress {
  readonly interface: string
  readonly address: string
  readonly family: 4 | 6
  readonly prefixLength: number
}

/** The interface in whose network an address lies, the narrowest first; undefined for one that is only reached through a router. */
export function interfaceTowards(held: readonly OwnAddress[], address: string): string | undefined {
  return held
    .filter((own) => contains(own.address, own.prefixLength, address))
    .sort((a, b) => b.prefixLength - a.prefixLength)[0]?.interface
}

/**
 * An address from which answers come back to this host alone: of that interface where it has one, of link scope never, and a single
 * one (/32, /128), as VIPs are, only when there is no other.
 * @param floating addresses that other hosts may hold: never chosen
 */
export function addressToAskFrom(
  held: readonly OwnAddress[],
  interfaceName: string,
  family: 4 | 6,
  floating: ReadonlySet<string>,
): string | undefined {
  const single = family === 4 ? 32 : 128
  const rank = (own: OwnAddress): number =>
    (own.prefixLength === single ? 2 : 0) + (own.interface === interfaceName ? 0 : 1)
  return held
    .filter((own) => own.family === family && !floating.has(own.address) && isWide(own.address))
    .sort((a, b) => rank(a) - rank(b))[0]?.address
}

/** Neither of the loopback nor of link scope (RFC 4291 sections 2.5.3, 2.5.6; RFC 3927). */
function isWide(address: string): boolean {
  const narrow = [
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["::1", 128],
    ["fe80::", 10],
  ] as const
  return !narrow.some(([network, prefix]) => contains(network, prefix, address))
}

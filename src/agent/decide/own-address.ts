import { contains } from "../../core/address.ts"
import { isLinkScope, isLoopbackAddress } from "../../core/address-scope.ts"
import type { HeldAddress } from "./source.ts"

/** An address of this host with its network. */
export interface OwnAddress extends HeldAddress {
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
    .filter(
      ({ family: version, address }) =>
        version === family &&
        !floating.has(address) &&
        !isLinkScope(address) &&
        !isLoopbackAddress(address),
    )
    .sort((a, b) => rank(a) - rank(b))[0]?.address
}

import { addressBytes } from "../core/address.ts"

/** The place of each address in the canonical order of `compareAddresses`, for sorting long lists by number. */
export type AddressOrder = (address: string) => number

/** The order of these addresses among each other; any other comes last. */
export function addressOrder(addresses: Iterable<string>): AddressOrder {
  const keyed = [...new Set(addresses)].map((address) => ({ address, key: sortKey(address) }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  const ranks = new Map(keyed.map(({ address }, rank) => [address, rank]))
  return (address) => ranks.get(address) ?? Number.MAX_SAFE_INTEGER
}

/** Text that sorts as the addresses do: by length, then byte by byte. */
function sortKey(address: string): string {
  const bytes = addressBytes(address)
  return String.fromCharCode(bytes.length, ...bytes)
}

import { canonicalAddress } from "../../core/address.ts"
import type { Director } from "./check.ts"

/** The MACs of the directors that hold a VIP, on the interfaces they hold it on. */
export function holderMacs(directors: readonly Director[], address: string): string[] {
  return directors.flatMap(({ input: { observed } }) =>
    observed.addresses
      .filter((held) => held.address === canonicalAddress(address))
      .flatMap(({ device }) =>
        observed.links.filter(({ name }) => name === device).map(({ mac }) => mac.toLowerCase()),
      ),
  )
}

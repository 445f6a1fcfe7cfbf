import { networkInterfaces } from "node:os"

/** One address on one interface of this host. */
export interface LocalAddress {
  readonly interface: string
  readonly address: string
  readonly family: 4 | 6
  readonly prefixLength: number
  /** `02:00:00:00:00:01`; zeros on the loopback. */
  readonly mac: string
}

/**
 * All addresses of interfaces that are up and have a carrier (getifaddrs, IFF_UP and IFF_RUNNING), scope ids left out.
 * A VIP on an interface without carrier is not among them.
 */
export function localAddresses(): readonly LocalAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map((entry) => ({
      interface: name,
      address: entry.address,
      family: entry.family === "IPv4" ? (4 as const) : (6 as const),
      prefixLength: Number(entry.cidr?.split("/")[1] ?? (entry.family === "IPv4" ? 32 : 128)),
      mac: entry.mac,
    })),
  )
}

import type { Bundle } from "../model/bundle.ts"
import type { Observed } from "../model/observed.ts"
import type { Planned } from "./planned.ts"

type Held = Observed["addresses"][number]

/** Addresses the host lacks. */
export function planAddresses(bundle: Bundle, observed: Observed): Planned[] {
  const held = new Set(observed.addresses.map(addressKey))
  return bundle.addresses
    .filter((wanted) => !held.has(addressKey(wanted)))
    .map((wanted) => ({
      change: {
        kind: "address",
        action: "add",
        subject: cidr(wanted),
        meaning: `on ${wanted.device}`,
        risk: "none",
      },
      operation: { op: "address-add", cidr: cidr(wanted), device: wanted.device },
    }))
}

/** Addresses of the confirmed release that the bundle no longer has. */
export function planAddressRemovals(bundle: Bundle, observed: Observed): Planned[] {
  const wanted = new Set(bundle.addresses.map(addressKey))
  const held = new Set(observed.addresses.map(addressKey))
  return observed.owned.addresses
    .filter((address) => !wanted.has(addressKey(address)) && held.has(addressKey(address)))
    .map((address) => ({
      change: {
        kind: "address",
        action: "remove",
        subject: cidr(address),
        meaning: `from ${address.device}`,
        risk: "high",
      },
      operation: { op: "address-remove", cidr: cidr(address), device: address.device },
    }))
}

function cidr(address: Held): string {
  return `${address.address}/${address.prefix}`
}

function addressKey(address: Held): string {
  return `${address.device} ${cidr(address)}`
}

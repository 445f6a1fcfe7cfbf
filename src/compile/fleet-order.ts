import type { Fleet } from "../model/fleet.ts"
import { addressOrder, type AddressOrder } from "./address-order.ts"

/** One order for everything that follows from a fleet and is listed by address. */
export function fleetOrder({ hosts, services }: Fleet): AddressOrder {
  return addressOrder([
    ...hosts.flatMap(({ addresses }) => addresses),
    ...services.flatMap(({ vips, backends }) => [
      ...vips,
      ...backends.flatMap(({ addresses }) => addresses),
    ]),
  ])
}

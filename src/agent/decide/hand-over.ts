import type { DesiredService } from "../../model/desired.ts"
import type { IpvsDestination, IpvsTable } from "../../model/ipvs.ts"
import { destinationName, serviceName } from "../../model/ipvs.ts"
import { destinationOf, headOf } from "../../plan/ipvs.ts"

/**
 * The services of `table` that pass from the agent to keepalived, as keepalived would have made them.
 *
 * keepalived takes every real server for up and adds it; where the kernel has it already it reads EEXIST and leaves it
 * as it is (keepalived/check/ipvswrapper.c), for good. So each that stays gets its defined weight, scheduler and method
 * first; one at weight 0 for a failed check goes, since keepalived then makes it and finds out by itself; one that the
 * definition does not have goes, since nobody would ever remove it. The sorry server stays while nobody else serves.
 */
export function handedOver(services: readonly DesiredService[], table: IpvsTable): IpvsTable {
  return services.flatMap((service) => {
    const name = serviceName(service.key)
    const held = table.find(({ key }) => serviceName(key) === name)
    if (held === undefined) return []
    const serving = held.destinations.flatMap((destination) => defined(service, destination))
    const left = held.destinations.filter(({ weight }) => weight > 0)
    return [{ ...headOf(service), destinations: serving.length > 0 ? serving : left }]
  })
}

function defined(service: DesiredService, held: IpvsDestination): IpvsDestination[] {
  const name = destinationName(held)
  const server = service.servers.find((item) => destinationName(item) === name)
  if (server === undefined) return []
  const failed = service.inhibitOnFailure && held.weight === 0 && server.weight > 0
  return failed ? [] : [destinationOf(server)]
}

import { formatPlace } from "../core/problem.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on real servers. */
export const backendRules: readonly Rule[] = [
  {
    id: "port-remap",
    set: "backend",
    reason:
      "dr and tun deliver packets with the VIP's port; neither kernel nor ipvsadm complains, and nothing answers",
    find: remappedPorts,
  },
  {
    id: "weights-zero",
    set: "backend",
    reason: "with all weights 0 the kernel refuses every new connection",
    find: zeroWeights,
  },
  {
    id: "thresholds",
    set: "backend",
    reason: "the kernel refuses a lower threshold above the upper one (ERANGE)",
    find: badThresholds,
  },
  {
    id: "backend-twice",
    set: "backend",
    reason: "the kernel holds one destination an address and port",
    find: sameAddresses,
  },
  {
    id: "director-serves",
    set: "backend",
    reason:
      "the backup holds the same table: it balances anew what the master sent it, and the packet goes to and fro until it dies",
    find: servingDirectors,
  },
]

function remappedPorts({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const port = service.backends.find((backend) => backend.port !== undefined)?.port
    const other = service.ports.find((own) => own.port !== port)
    // Where a firewall mark balances, no forwarding can.
    if (service.fwmark !== undefined || service.forwarding === "nat") return []
    if (port === undefined || other === undefined) return []
    return [
      {
        message: `${service.name} forwards by ${service.forwarding}, which can't turn port ${other.port} into ${port}`,
        at: inService(service, "backends", "port"),
        hint: `let real servers listen on port ${other.port}, or write forwarding: nat`,
      },
    ]
  })
}

function zeroWeights({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services
    .filter(({ backends }) => backends.length > 0 && backends.every(({ weight }) => weight === 0))
    .map((service) => ({
      message: `all real servers of ${service.name} have weight 0`,
      at: inService(service, "backends", "weight"),
      hint: "give one of them a weight, or remove the service",
    }))
}

function badThresholds({ fleet, backendPlace }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const breaches = new Map<string, Breach>()
    for (const { host, upperThreshold: upper, lowerThreshold: lower } of service.backends) {
      if (lower === 0 || lower <= upper) continue
      const at = backendPlace(service, host, "lower_threshold")
      const message =
        upper === 0
          ? `lower_threshold ${lower} has no upper_threshold to belong to`
          : `lower_threshold ${lower} is above upper_threshold ${upper}`
      breaches.set(formatPlace(at), {
        message,
        at,
        hint: "write a lower_threshold below upper_threshold",
      })
    }
    return [...breaches.values()]
  })
}

function sameAddresses({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const holders = new Map<string, string>()
    return service.backends.flatMap(({ host, addresses }) => {
      const [address] = addresses.filter((text) => holders.has(text))
      for (const text of addresses) if (!holders.has(text)) holders.set(text, host)
      if (address === undefined) return []
      const message = `${holders.get(address)} and ${host}, both real servers of ${service.name}, have the address ${address}`
      const hint = "correct one's lbctl_address, or take one out of the group"
      return [{ message, at: inService(service, "backends"), hint }]
    })
  })
}

function servingDirectors(context: RuleContext): Breach[] {
  return context.fleet.clusters.flatMap((cluster) => {
    const directors = new Set(cluster.directors.map(({ host }) => host))
    return context
      .servicesOf(cluster)
      .filter(({ forwarding }) => forwarding !== "nat")
      .flatMap((service) =>
        service.backends
          .filter(({ host }) => directors.has(host))
          .map(({ host }) => servingDirector(context, service, host)),
      )
  })
}

function servingDirector(context: RuleContext, service: VirtualService, host: string): Breach {
  return {
    message: `${host} directs ${service.cluster} and is a real server of its service ${service.name}`,
    at: context.backendPlace(service, host, "weight"),
    hint: `take ${host} out of the group, or write forwarding: nat`,
  }
}

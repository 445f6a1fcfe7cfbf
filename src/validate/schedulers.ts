import type { VirtualService } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on schedulers and what depends on the protocol. */
export const schedulerRules: readonly Rule[] = [
  {
    id: "scheduler-flags",
    set: "service",
    reason:
      "the kernel keeps one set of flag bits and would read another scheduler's flag as its own",
    find: foreignFlags,
  },
  {
    id: "one-packet",
    set: "service",
    reason: "the kernel balances single packets of UDP only (IP_VS_SVC_F_ONEPACKET)",
    find: onePacketWithoutUdp,
  },
  {
    id: "persistence-engine",
    set: "service",
    reason: "the kernel's sip engine reads UDP datagrams only (ip_vs_pe_sip.c)",
    find: engineWithoutUdp,
  },
  {
    id: "port-zero",
    set: "service",
    reason:
      "the kernel hands a client's ports to one real server by its persistence template; without one it refuses them all (ip_vs_schedule)",
    find: allPortsWithoutPersistence,
  },
  {
    id: "sh-fallback",
    set: "service",
    severity: "warning",
    reason:
      "without the flag sh keeps sending a drained server's clients to it, and they get no answer",
    find: shWithoutFallback,
  },
  {
    id: "sh-table",
    set: "service",
    severity: "warning",
    reason: "the table of sh has 256 places (IP_VS_SH_TAB_BITS); what is over gets no traffic",
    find: fullTables,
  },
  {
    id: "persistence-hash",
    set: "service",
    severity: "warning",
    reason: "a hashing scheduler keeps clients in place by itself; persistence only delays a drain",
    find: persistentHashes,
  },
]

function foreignFlags({ fleet, source, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) =>
    service.flags
      .filter((flag) => !flag.startsWith(`${service.scheduler}-`))
      .map((flag) => ({
        message: `the flag ${flag} does not belong to the scheduler ${service.scheduler}`,
        at: inService(service, "flags", (source(service).flags ?? []).indexOf(flag)),
        hint: `remove it, or write scheduler: ${flag.slice(0, 2)}`,
      })),
  )
}

function onePacketWithoutUdp({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services
    .filter((service) => service.onePacket && !isUdp(service))
    .map((service) => ({
      message: `${service.name} has one_packet but ports that are not udp`,
      at: inService(service, "one_packet"),
      hint: "give the udp ports a service of their own",
    }))
}

function engineWithoutUdp({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services
    .filter((service) => service.persistence?.engine !== undefined && !isUdp(service))
    .map((service) => ({
      message: `${service.name} has the persistence engine sip but ports that are not udp`,
      at: inService(service, "persistence", "engine"),
      hint: "give the udp ports a service of their own",
    }))
}

function allPortsWithoutPersistence({ fleet, portPlace, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service) => {
    const all = service.ports.find(({ port }) => port === 0)
    if (all === undefined || service.fwmark !== undefined) return []
    const remapped = service.backends.some(({ port }) => port !== undefined)
    if (remapped)
      return [
        {
          message: `${service.name} can't give its real servers another port: 0 is all of them`,
          at: inService(service, "backends", "port"),
          hint: "remove the port of backends",
        },
      ]
    if (service.persistence !== undefined && !service.onePacket) return []
    return [
      {
        message: `port 0 of ${service.name}, all ports of its VIPs, needs persistence`,
        at: portPlace(service, all),
        hint: "add persistence: { timeout: 5m }, or name the ports: 8000-8010/tcp",
      },
    ]
  })
}

function isUdp(service: VirtualService): boolean {
  return service.ports.every(({ protocol }) => protocol === "udp")
}

function shWithoutFallback({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services
    .filter(({ scheduler, flags }) => scheduler === "sh" && !flags.includes("sh-fallback"))
    .map((service) => ({
      message: `draining a real server of ${service.name} would leave its clients without an answer`,
      at: inService(service, "scheduler"),
      hint: "add flags: [sh-fallback], or use scheduler: mh",
    }))
}

function fullTables({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services
    .filter(({ scheduler }) => scheduler === "sh")
    .flatMap((service) => {
      const weights = service.backends.map(({ weight }) => weight).filter((weight) => weight > 0)
      const places = weights.reduce((sum, weight) => sum + weight, 0)
      const at = inService(service, "backends")
      const message = `the weights of ${service.name} sum to ${places}, over the 256 places of sh`
      const hint = "use smaller weights, or scheduler: mh"
      return places > 256 ? [{ message, at, hint }] : []
    })
}

function persistentHashes({ fleet, inService }: RuleContext): Breach[] {
  return fleet.services
    .filter(({ scheduler }) => ["sh", "mh", "dh"].includes(scheduler))
    .filter(({ persistence }) => persistence !== undefined && persistence.engine === undefined)
    .map((service) => ({
      message: `persistence adds nothing to the scheduler ${service.scheduler} of ${service.name}`,
      at: inService(service, "persistence"),
      hint: "remove persistence, or use a scheduler that does not hash",
    }))
}

import { family } from "../core/address.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

type Sorry = NonNullable<VirtualService["sorryServer"]>

/** Rules on sorry servers. */
export const sorryServerRules: readonly Rule[] = [
  {
    id: "sorry-port",
    set: "backend",
    reason:
      "dr and tun deliver packets with the VIP's port, so a sorry server answers on a port of the service or not at all",
    find: remappedSorryServers,
  },
  {
    id: "sorry-partial",
    set: "backend",
    severity: "warning",
    reason: "connections that the sorry server can't take are refused while the quorum is lost",
    find: partialSorryServers,
  },
  {
    id: "sorry-family",
    set: "backend",
    reason: "IPVS hands connections to servers of the VIP's own family",
    find: strangeSorryServers,
  },
  {
    id: "sorry-vip",
    set: "backend",
    reason: "a VIP as sorry server leads back to the director, which does not balance it again",
    find: circularSorryServers,
  },
  {
    id: "sorry-director",
    set: "backend",
    reason:
      "the backup would balance anew what the master sends it, as with a director that is a real server",
    find: directingSorryServers,
  },
]

function remappedSorryServers(context: RuleContext): Breach[] {
  return breaches(context, (service, sorry) => {
    if (hasPort(service, sorry.port)) return undefined
    if (service.fwmark !== undefined)
      return {
        message: `${service.name} is balanced by fwmark, which can't reach a sorry server on port ${sorry.port}`,
        hint: `use a port of the service: ${service.ports.map(({ port }) => port).join(", ")}`,
      }
    if (service.forwarding === "nat") return undefined
    return {
      message: `${service.name} forwards by ${service.forwarding}, which can't reach a sorry server on port ${sorry.port}`,
      hint: `use a port of the service: ${service.ports.map(({ port }) => port).join(", ")}`,
    }
  })
}

function partialSorryServers(context: RuleContext): Breach[] {
  return breaches(context, (service, sorry) => {
    const left = service.ports
      .filter(({ port }) => port !== sorry.port && port > 0)
      .map(({ port }) => port)
    const vips = service.vips.filter((vip) => family(vip) !== family(sorry.address))
    if (vips.length === service.vips.length) return undefined
    const partly = service.forwarding !== "nat" && service.fwmark === undefined
    if (partly && left.length > 0 && hasPort(service, sorry.port))
      return {
        message: `the sorry server of ${service.name} serves port ${sorry.port} only, not ${left.join(", ")}`,
        hint: "put the other ports into a service of their own with its sorry server",
      }
    return vips.length === 0
      ? undefined
      : {
          message: `the sorry server of ${service.name} serves the VIPs of its family only, not ${vips.join(", ")}`,
          hint: "put the other VIPs into a service of their own with its sorry server",
        }
  })
}

function strangeSorryServers(context: RuleContext): Breach[] {
  return breaches(context, (service, sorry) => {
    if (service.vips.some((vip) => family(vip) === family(sorry.address))) return undefined
    const message = `${service.name} has no VIP of the sorry server's family, IPv${family(sorry.address)}`
    return { message, hint: "use a sorry server of the VIP's family" }
  })
}

function circularSorryServers(context: RuleContext): Breach[] {
  const vips = new Set(context.fleet.services.flatMap((service) => service.vips))
  return breaches(context, (service, sorry) => {
    if (!vips.has(sorry.address)) return undefined
    const message = `the sorry server ${sorry.address} of ${service.name} is a VIP`
    return { message, hint: "use the address of a server" }
  })
}

function directingSorryServers(context: RuleContext): Breach[] {
  const { clusters, hosts } = context.fleet
  const directors = new Map(
    clusters.map(({ name, directors: own }) => [name, new Set(own.map(({ host }) => host))]),
  )
  return breaches(context, (service, sorry) => {
    const host = hosts.find(({ addresses }) => addresses.includes(sorry.address))?.name
    if (service.forwarding === "nat" || host === undefined) return undefined
    if (directors.get(service.cluster)?.has(host) !== true) return undefined
    const message = `the sorry server ${sorry.address} of ${service.name} is ${host}, a director of ${service.cluster}`
    return { message, hint: "use a host that is no director of the cluster" }
  })
}

function breaches(
  { fleet, inService }: RuleContext,
  breachOf: (service: VirtualService, sorry: Sorry) => Omit<Breach, "at"> | undefined,
): Breach[] {
  return fleet.services.flatMap((service) => {
    const breach =
      service.sorryServer === undefined ? undefined : breachOf(service, service.sorryServer)
    return breach === undefined ? [] : [{ ...breach, at: inService(service, "sorry_server") }]
  })
}

function hasPort(service: VirtualService, port: number): boolean {
  return service.ports.some((own) => own.port === port || own.port === 0)
}

import type { SourceRef } from "../core/problem.ts"
import type { VirtualService } from "../model/fleet.ts"
import { serviceName } from "../model/ipvs.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"
import { whyUnusable } from "./usable.ts"

/** Rules on virtual addresses. */
export const vipRules: readonly Rule[] = [
  {
    id: "vip-shared",
    set: "address",
    reason:
      "the kernel holds one service for a VIP, port and protocol; the second would take over the first",
    find: sharedEndpoints,
  },
  {
    id: "vip-clusters",
    set: "address",
    reason: "two masters would both answer ARP and ND for the VIP",
    find: vipsOfTwoClusters,
  },
  {
    id: "vip-host",
    set: "address",
    reason: "the host's own address would move to the master director",
    find: vipsOfHosts,
  },
  {
    id: "vip-anchor",
    set: "address",
    reason:
      "the anchor is always configured on the master and carries VRRP, so it cannot come and go with a service",
    find: vipsThatAreAnchors,
  },
  {
    id: "vip-unusable",
    set: "address",
    reason: "no client can reach such an address",
    find: unusableVips,
  },
]

function sharedEndpoints({ fleet, portPlace }: RuleContext): Breach[] {
  const owners = new Map<string, VirtualService>()
  return fleet.services.flatMap((service) =>
    service.vips.flatMap((address) =>
      service.ports.flatMap((port) => {
        const name = serviceName({ kind: "address", address, ...port })
        const owner = owners.get(name)
        if (owner === undefined) owners.set(name, service)
        if (owner === undefined || owner.cluster !== service.cluster) return []
        const message = `${service.name} and ${owner.name} both define ${name}`
        return [{ message, at: portPlace(service, port), hint: elsewhere(owner.name, owner.at) }]
      }),
    ),
  )
}

function vipsOfTwoClusters({ fleet, vipPlace }: RuleContext): Breach[] {
  const owners = new Map<string, VirtualService>()
  return fleet.services.flatMap((service) =>
    service.vips.flatMap((vip) => {
      const owner = owners.get(vip)
      if (owner === undefined) owners.set(vip, service)
      if (owner === undefined || owner.cluster === service.cluster) return []
      const message = `the VIP ${vip} of cluster ${service.cluster} belongs to cluster ${owner.cluster} too`
      return [{ message, at: vipPlace(service, vip), hint: elsewhere(owner.name, owner.at) }]
    }),
  )
}

function vipsOfHosts({ fleet, vipPlace }: RuleContext): Breach[] {
  const holders = new Map(
    fleet.hosts.flatMap((host) =>
      [host.connection.sshName ?? host.connection.address, ...host.addresses].map(
        (address) => [address, host] as const,
      ),
    ),
  )
  return eachVip(fleet.services, (service, vip) => {
    const host = holders.get(vip)
    if (host === undefined) return undefined
    const message = `the VIP ${vip} is the address of the host ${host.name}`
    return { message, at: vipPlace(service, vip), hint: "choose an address that no host has" }
  })
}

function vipsThatAreAnchors({ fleet, vipPlace }: RuleContext): Breach[] {
  const anchors = new Map(fleet.clusters.map(({ name, vrrp }) => [vrrp.anchor, name]))
  return eachVip(fleet.services, (service, vip) => {
    const cluster = anchors.get(vip)
    if (cluster === undefined) return undefined
    const message = `the VIP ${vip} is the VRRP anchor of cluster ${cluster}`
    const hint = "choose another VIP, or another anchor in clusters.yml"
    return { message, at: vipPlace(service, vip), hint }
  })
}

function unusableVips({ fleet, vipPlace }: RuleContext): Breach[] {
  return eachVip(fleet.services, (service, vip) => {
    const why = whyUnusable(vip)
    if (why === undefined) return undefined
    const hint = "choose an address of a network that clients can route to"
    return { message: `the VIP ${vip} is ${why}`, at: vipPlace(service, vip), hint }
  })
}

function eachVip(
  services: readonly VirtualService[],
  breachOf: (service: VirtualService, vip: string) => Breach | undefined,
): Breach[] {
  return services.flatMap((service) => service.vips.flatMap((vip) => breachOf(service, vip) ?? []))
}

function elsewhere(name: string, { file, line }: SourceRef): string {
  return `${name} is in ${file}:${line}: give one of them another VIP or port`
}

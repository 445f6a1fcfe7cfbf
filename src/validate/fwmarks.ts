import type { SourceRef } from "../core/problem.ts"
import type { VirtualService } from "../model/fleet.ts"
import { checkMarkBase, checkMarkCount, isCheckMark } from "../model/ipvs.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on services by firewall mark. */
export const fwmarkRules: readonly Rule[] = [
  {
    id: "fwmark-private",
    set: "service",
    reason: "checks reach real servers through private services with marks of this range",
    find: privateMarks,
  },
  {
    id: "fwmark-twice",
    set: "service",
    reason:
      "a director's kernel holds one service for a mark, and the second would take over the first",
    find: sharedMarks,
  },
  {
    id: "fwmark-ports",
    set: "service",
    reason:
      "IPVS looks for the mark first, so a mark on all ports takes those of other services too",
    find: swallowedPorts,
  },
  {
    id: "fwmark-remap",
    set: "backend",
    reason: "what is balanced by a firewall mark goes on with the port it came to",
    find: remappedPorts,
  },
]

function privateMarks({ fleet, inService }: RuleContext): Breach[] {
  const last = checkMarkBase + checkMarkCount - 1
  return marked(fleet.services)
    .filter(({ fwmark }) => isCheckMark(fwmark))
    .map((service) => ({
      message: `the fwmark ${service.fwmark} of ${service.name} is one of lbctl's own`,
      at: inService(service, "fwmark"),
      hint: `use one outside of ${checkMarkBase} to ${last}, such as 12`,
    }))
}

function sharedMarks({ fleet, inService }: RuleContext): Breach[] {
  const directors = new Map(
    fleet.clusters.map(({ name, directors: own }) => [name, own.map(({ host }) => host)]),
  )
  const owners = new Map<string, Marked>()
  return marked(fleet.services).flatMap((service) => {
    const places = (directors.get(service.cluster) ?? []).map((host) => `${host} ${service.fwmark}`)
    const owner = places.map((place) => owners.get(place)).find((found) => found !== undefined)
    for (const place of places) if (!owners.has(place)) owners.set(place, service)
    if (owner === undefined) return []
    const message = `${service.name} and ${owner.name} both have the fwmark ${service.fwmark}`
    return [{ message, at: inService(service, "fwmark"), hint: elsewhere(owner, owner.at) }]
  })
}

/** Two services that name a port of one VIP are the rule vip-shared's. */
function swallowedPorts({ fleet, portPlace }: RuleContext): Breach[] {
  return marked(fleet.services).flatMap((service) =>
    service.ports
      .filter(({ port }) => port === 0)
      .flatMap((all) => {
        const other = fleet.services.find(
          (one) =>
            one.name !== service.name &&
            one.cluster === service.cluster &&
            one.vips.some((vip) => service.vips.includes(vip)) &&
            one.ports.some(({ port, protocol }) => port !== 0 && protocol === all.protocol),
        )
        if (other === undefined) return []
        return [
          {
            message: `${service.name} marks every ${all.protocol} port of a VIP that ${other.name} has too`,
            at: portPlace(service, all),
            hint: `name the ports: 8000-8010/${all.protocol}; or give ${other.name} a VIP of its own`,
          },
        ]
      }),
  )
}

function remappedPorts({ fleet, inService }: RuleContext): Breach[] {
  return marked(fleet.services)
    .filter(({ backends }) => backends.some(({ port }) => port !== undefined))
    .map((service) => ({
      message: `${service.name} can't give its real servers another port: it is balanced by fwmark`,
      at: inService(service, "backends", "port"),
      hint: "remove the port of backends, or the fwmark",
    }))
}

type Marked = VirtualService & { readonly fwmark: number }

function marked(services: readonly VirtualService[]): Marked[] {
  return services.filter((service): service is Marked => service.fwmark !== undefined)
}

function elsewhere({ name }: Marked, { file, line }: SourceRef): string {
  return `${name} is in ${file}:${line}: give one of them another fwmark`
}

import { contains, family } from "../core/address.ts"
import type { DesiredService, DirectorState } from "../model/desired.ts"
import { serviceName } from "../model/ipvs.ts"
import { actionWords } from "../model/override.ts"
import type { Guard, Notice } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"
import { weightWhenUp } from "./ipvs-standing.ts"
import { overrideOf } from "./overrides.ts"

/** VIPs inside no network of the director's VRRP interface: nobody could reach them. */
export function unconnectedVips(state: DirectorState, observed: Observed): Guard[] {
  return state.vrrp.flatMap((instance) => {
    const networks = observed.addresses.filter(
      (held) =>
        held.device === instance.interface && held.prefix < (family(held.address) === 6 ? 128 : 32),
    )
    if (!observed.links.some((link) => link.name === instance.interface)) return []
    return instance.vips
      .filter((vip) => !networks.some((network) => contains(network.address, network.prefix, vip)))
      .map((vip) => ({
        guard: "vip-unconnected" as const,
        host: observed.host,
        message: `VIP ${vip} lies in no network of ${instance.interface} (${
          networks.map((network) => `${network.address}/${network.prefix}`).join(", ") ||
          "which has no address"
        })`,
        hint: "correct the VIP or vrrp.interface; if a router sends it here by a route: --allow vip-unconnected",
      }))
  })
}

/** VRRP interfaces that the director does not have. */
export function missingInterfaces(state: DirectorState, observed: Observed): Notice[] {
  const known = observed.links.map((link) => link.name)
  return state.vrrp
    .filter((instance) => !known.includes(instance.interface))
    .map((instance) => ({
      host: observed.host,
      message: `there is no interface ${instance.interface} for cluster ${instance.cluster}`,
      hint: `correct vrrp.interface in clusters.yml; this host has ${known.join(", ")}`,
    }))
}

/** Services that lose more than half of their real servers at once. */
export function losingServices(
  wanted: DirectorState,
  actual: DirectorState,
  host: string,
): Guard[] {
  return actual.services.flatMap((before) => {
    const after = wanted.services.find(
      (service) => serviceName(service.key) === serviceName(before.key),
    )
    if (after === undefined) return []
    const kept = new Set(after.servers.map((server) => server.host))
    const lost = before.servers.filter((server) => !kept.has(server.host))
    if (lost.length * 2 <= before.servers.length) return []
    return [
      {
        guard: "service-loses-servers" as const,
        host,
        message: `${before.name} (${serviceName(before.key)}) loses ${lost.length} of its ${before.servers.length} real servers: ${lost.map((server) => server.host).join(", ")}`,
        hint: "if that is meant: --allow service-loses-servers",
      },
    ]
  })
}

/** Services whose real servers all have weight 0 once overrides count, and had not before. */
export function weightlessServices(
  wanted: DirectorState,
  actual: DirectorState | undefined,
  { observed, now }: { readonly observed: Observed; readonly now: string },
): Guard[] {
  // What a check says of a weight passes; this is about what people say.
  const runtime = { overrides: observed.agent?.overrides ?? [], now, told: new Map() }
  const total = (service: DesiredService) =>
    service.servers.reduce((sum, server) => sum + weightWhenUp(service, server, runtime), 0)
  return wanted.services.flatMap((service) => {
    const name = serviceName(service.key)
    const before = actual?.services.find((other) => serviceName(other.key) === name)
    if (total(service) > 0 || (before !== undefined && total(before) === 0)) return []
    const set = service.servers.flatMap((server) => {
      const override = overrideOf(service, server, runtime)
      return override === undefined ? [] : [`${server.host} ${actionWords(override)}`]
    })
    return [
      {
        guard: "weights-zero" as const,
        host: observed.host,
        message: `${service.name} (${name}) is left without a real server that has a weight: ${set.join(", ")}`,
        hint: "resume or enable one (lbctl resume HOST) before; if nobody shall serve it: --allow weights-zero",
      },
    ]
  })
}

import { canonicalAddress, family } from "../../core/address.ts"
import type { Segment } from "../../model/doctor.ts"
import type { Check, Director, Symptom, Ward } from "./check.ts"
import { directorsIn, isWhole } from "./check.ts"
import { holderMacs } from "./holders.ts"

/** What others say on the networks of the directors. */
export const segmentChecks: readonly Check[] = [
  {
    id: "N06",
    severity: "error",
    looksAt: "who answers ARP and neighbour discovery for the VIPs, as each director hears it",
    why: "who answers besides the master takes some of the clients away from it",
    find: (ward) => {
      const directors = directorsIn(ward)
      const found = ward.segments.flatMap(({ interface: device, answers }) =>
        answers.flatMap(({ address, macs }) => {
          const holders = new Set(holderMacs(directors, address))
          return macs
            .filter((mac) => !holders.has(mac))
            .flatMap((mac) => stranger(ward, { address, mac, device }))
        }),
      )
      return [...new Map(found.map((one) => [`${one.host} ${one.message}`, one])).values()]
    },
  },
  {
    id: "V04",
    severity: "error",
    looksAt: "VRRP of strangers under the directors' virtual_router_id",
    why: "two clusters under one number take each other's adverts for their own: both hold their VIPs, or none",
    find: (ward) =>
      directorsIn(ward).flatMap((director) =>
        ward.segments
          .filter(({ host }) => host === director.host)
          .flatMap((segment) => intruders(ward, director, segment)),
      ),
  },
]

function stranger(
  ward: Ward,
  {
    address,
    mac,
    device,
  }: { readonly address: string; readonly mac: string; readonly device: string },
): Symptom[] {
  const owner = ward.patients.find(({ input }) =>
    input.observed.links.some((link) => link.mac.toLowerCase() === mac),
  )
  if (owner !== undefined) {
    const { host } = owner.input.view
    return [{ host, message: `answers for the VIP ${address} (${mac})`, cure: ward.apply(host) }]
  }
  const instances = directorsIn(ward).flatMap(({ state }) => state.vrrp)
  const own = instances.filter(({ vips }) => vips.includes(address))
  if (!own.every((vrrp) => isWhole(ward, vrrp))) return []
  return [
    {
      host: mac,
      message: `a host that lbctl does not manage answers for the VIP ${address}`,
      cure: `find it: ip neigh and the switch's table tell where ${mac} is on the network of ${device}`,
    },
  ]
}

function intruders(ward: Ward, { host, state }: Director, segment: Segment): Symptom[] {
  const used = new Set(segment.adverts.map((advert) => advert.virtualRouterId))
  const free = Array.from({ length: 255 }, (_, index) => index + 1).find((id) => !used.has(id))
  return state.vrrp
    .filter((vrrp) => vrrp.interface === segment.interface && isWhole(ward, vrrp))
    .flatMap((vrrp) => {
      const own = new Set(
        [vrrp.source, ...vrrp.unicastPeers, ...sourcesOf(ward, vrrp.cluster)].map(canonicalAddress),
      )
      return segment.adverts
        .filter(
          ({ virtualRouterId, source }) =>
            virtualRouterId === vrrp.virtualRouterId &&
            family(source) === family(vrrp.source) &&
            !own.has(canonicalAddress(source)),
        )
        .map(({ source, priority }) => ({
          host,
          message: `${source} speaks VRRP on ${segment.interface} under ${vrrp.virtualRouterId}, the number of ${vrrp.cluster}, with priority ${priority}`,
          cure: `give one of the two another virtual_router_id${free === undefined ? "" : `; nobody was heard under ${free}`}`,
        }))
    })
}

function sourcesOf(ward: Ward, cluster: string): string[] {
  return directorsIn(ward).flatMap(({ state }) =>
    state.vrrp.filter((one) => one.cluster === cluster).map(({ source }) => source),
  )
}

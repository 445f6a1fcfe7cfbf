import { contains, family } from "../core/address.ts"
import type { Cluster } from "../model/fleet.ts"

/** All pairs of clusters, each once, in the fleet's order. */
export function pairs(clusters: readonly Cluster[]): [Cluster, Cluster][] {
  return clusters.flatMap((later, index) =>
    clusters.slice(0, index).map((earlier): [Cluster, Cluster] => [earlier, later]),
  )
}

/**
 * Whether directors of both clusters sit on one segment, as far as the inventory tells: one host with the
 * same interface in both, or two hosts with addresses in one IPv4 /24 or IPv6 /64.
 */
export function shareSegment(a: Cluster, b: Cluster): boolean {
  return a.directors.some((left) =>
    b.directors.some((right) =>
      left.host === right.host
        ? left.interface === right.interface
        : contains(left.address, family(left.address) === 4 ? 24 : 64, right.address),
    ),
  )
}

/** Names of the hosts that direct both clusters. */
export function sharedDirectors(a: Cluster, b: Cluster): string[] {
  const hosts = new Set(b.directors.map(({ host }) => host))
  return a.directors.map(({ host }) => host).filter((host) => hosts.has(host))
}

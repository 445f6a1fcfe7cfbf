import type { Fleet } from "../model/fleet.ts"

/** Where a host takes its turn in a rollout. */
export interface Membership {
  /** The first of its clusters, by name. */
  readonly cluster?: string
  /** Directors of all its clusters. */
  readonly directors: readonly string[]
}

/** The clusters a host directs or serves. */
export function membershipOf(fleet: Fleet, host: string): Membership {
  const serves = new Set(
    fleet.services
      .filter((service) => service.backends.some((backend) => backend.host === host))
      .map((service) => service.cluster),
  )
  const clusters = fleet.clusters.filter(
    (cluster) =>
      serves.has(cluster.name) || cluster.directors.some((director) => director.host === host),
  )
  const [first] = clusters
  return {
    ...(first === undefined ? {} : { cluster: first.name }),
    directors: [
      ...new Set(clusters.flatMap((cluster) => cluster.directors.map((director) => director.host))),
    ],
  }
}

import type { DesiredVrrp } from "../model/desired.ts"
import type { Cluster, Director, Fleet } from "../model/fleet.ts"
import type { AddressOrder } from "./address-order.ts"
import { given } from "./given.ts"

/** The VRRP instance of one director of a cluster; it carries the VIPs of all the cluster's services. */
export function desiredVrrp(
  fleet: Fleet,
  cluster: Cluster,
  director: Director,
  order: AddressOrder,
): DesiredVrrp {
  const peers = cluster.directors.filter(({ host }) => host !== director.host)
  const others = peers.length === 0 ? [director] : peers
  return {
    cluster: cluster.name,
    instance: cluster.name,
    host: director.host,
    interface: director.interface,
    virtualRouterId: cluster.vrrp.virtualRouterId,
    priority: director.priority,
    advertIntervalMs: cluster.vrrp.advertIntervalMs,
    preempt: cluster.vrrp.preempt,
    ...(cluster.vrrp.driver === "native" ? { driver: "native" } : {}),
    anchor: cluster.vrrp.anchor,
    vips: clusterVips(fleet, cluster, order),
    source: director.address,
    unicastPeers: cluster.vrrp.unicast
      ? peers.map(({ address }) => address).sort((a, b) => order(a) - order(b))
      : [],
    directors: cluster.directors.map(({ host }) => host),
    garpRefreshMs: cluster.vrrp.garpRefreshMs,
    ...given({ keepalived: cluster.vrrp.keepalived }),
    lowestPeerPriority: Math.min(...others.map(({ priority }) => priority)),
  }
}

function clusterVips(fleet: Fleet, cluster: Cluster, order: AddressOrder): string[] {
  const vips = fleet.services
    .filter((service) => service.cluster === cluster.name)
    .flatMap((service) => service.vips)
  return [...new Set(vips)].sort((a, b) => order(a) - order(b))
}

import type { DirectorState, HostView } from "../model/desired.ts"
import type { Cluster, Fleet, Host } from "../model/fleet.ts"
import { usualSystem } from "../model/system.ts"
import { isUnmanaged } from "../model/unmanaged.ts"
import type { AddressOrder } from "./address-order.ts"
import { desiredServices } from "./desired-services.ts"
import { desiredVrrp } from "./desired-vrrp.ts"
import { fleetOrder } from "./fleet-order.ts"
import { ipvsSysctls } from "./ipvs-sysctls.ts"
import { staticBlocks } from "./keepalived-global.ts"
import { realServerViews } from "./realserver-view.ts"
import { viewOn } from "./system.ts"

/** The agent release that directors shall run. */
export type AgentRelease = NonNullable<HostView["agent"]>

/**
 * What each host with a part shall be, in the fleet's order of hosts: directors, hosts that serve
 * and sorry servers among the hosts. A host that serves by nat alone has neither `director` nor
 * `realserver`: nothing is to be set up on it. `others` names hosts that want a view for the sake
 * of a role of the user's. Hosts that lbctl does not manage have none.
 */
export function hostViews(
  fleet: Fleet,
  agent?: AgentRelease,
  others: ReadonlySet<string> = new Set(),
): HostView[] {
  const order = fleetOrder(fleet)
  const directors = directorStates(fleet, order)
  const realServers = realServerViews(fleet, order)
  const serving = new Set(
    fleet.services.flatMap(({ backends }) => backends.map(({ host }) => host)),
  )
  const hasPart = ({ name }: Host) =>
    directors.has(name) || realServers.has(name) || serving.has(name) || others.has(name)
  const managed = fleet.hosts.filter((host) => !isUnmanaged(host))
  return managed.filter(hasPart).map((host) => {
    const director = directors.get(host.name)
    const realserver = realServers.get(host.name)
    const view = {
      host: host.name,
      addresses: host.addresses,
      groups: host.groups,
      vars: host.vars,
      ...(director === undefined
        ? {}
        : { director, ipvsSysctls: ipvsSysctls(director, clustersOf(fleet, host)) }),
      ...(director === undefined || agent === undefined ? {} : { agent }),
      ...(realserver === undefined ? {} : { realserver }),
    }
    return viewOn(view, { ...usualSystem, ...host.system })
  })
}

function clustersOf(fleet: Fleet, { name }: Host): Cluster[] {
  return fleet.clusters.filter(({ directors }) => directors.some(({ host }) => host === name))
}

function ofKeepalived(host: string, fleet: Fleet): Pick<DirectorState, "globalDefs" | "statics"> {
  const { globalDefs } = fleet.keepalived
  const clusters = fleet.clusters.filter(({ directors }) =>
    directors.some((director) => director.host === host),
  )
  const names = new Set(clusters.map(({ name }) => name))
  const statics = staticBlocks(host, names, fleet.keepalived)
  return {
    ...(globalDefs.length === 0 ? {} : { globalDefs }),
    ...(statics.length === 0 ? {} : { statics }),
  }
}

function timeoutsOf(timeouts: Cluster["timeouts"]): Pick<DirectorState, "timeouts"> {
  return Object.keys(timeouts).length === 0 ? {} : { timeouts }
}

function accessOf(
  { access }: Cluster,
  before: DirectorState | undefined,
): Pick<DirectorState, "access"> {
  const all = [...(before?.access ?? []), ...(access ?? [])]
  return all.length === 0 ? {} : { access: all }
}

function directorStates(fleet: Fleet, order: AddressOrder): ReadonlyMap<string, DirectorState> {
  const states = new Map<string, DirectorState>()
  for (const cluster of fleet.clusters) {
    const services = desiredServices(fleet, cluster, order)
    const { name: instance, connectionSync, timeouts } = cluster
    const sync = connectionSync === undefined ? [] : [{ instance, ...connectionSync }]
    for (const director of cluster.directors) {
      const before = states.get(director.host)
      states.set(director.host, {
        format: 1,
        services: [...(before?.services ?? []), ...services],
        ...ofKeepalived(director.host, fleet),
        vrrp: [...(before?.vrrp ?? []), desiredVrrp(fleet, cluster, director, order)],
        connectionSync: [...(before?.connectionSync ?? []), ...sync],
        ...(fleet.notifications === undefined ? {} : { notifications: fleet.notifications }),
        ...accessOf(cluster, before),
        ...(fleet.metrics === undefined ? {} : { metrics: fleet.metrics }),
        ...timeoutsOf({ ...timeouts, ...before?.timeouts }),
      })
    }
  }
  return states
}

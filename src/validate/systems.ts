import type { Fleet, VirtualService } from "../model/fleet.ts"
import { isFreeBsd } from "../model/system.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** What hosts of a system cannot do. Whether a host is one of them it may tell only when it is looked at: these rules count then, too. */
export const systemRules: readonly Rule[] = [
  {
    id: "freebsd-director",
    set: "address",
    reason: "FreeBSD's kernel has no IPVS: its hosts can be real servers, not directors",
    find: (context) =>
      context.fleet.clusters.flatMap((cluster) =>
        cluster.directors
          .filter(({ host }) => freeBsdHosts(context.fleet).has(host))
          .map(({ host }) => ({
            message: `${host} directs ${cluster.name} and runs FreeBSD, which has no IPVS`,
            at: context.inCluster(cluster, "directors"),
            hint: "directors run Linux; FreeBSD hosts can be real servers of dr and nat services",
          })),
      ),
  },
  {
    id: "freebsd-tunnel",
    set: "backend",
    reason:
      "FreeBSD's gif(4) takes packets of the one peer it was made for, and drops those of any other director",
    find: tunnelsToFreeBsd,
  },
]

function freeBsdHosts({ hosts }: Fleet): ReadonlySet<string> {
  return new Set(hosts.flatMap(({ name, system }) => (isFreeBsd(system ?? {}) ? [name] : [])))
}

function tunnelsToFreeBsd(context: RuleContext): Breach[] {
  const { fleet } = context
  const known = freeBsdHosts(fleet)
  return fleet.services
    .filter(({ forwarding }) => forwarding === "tun")
    .flatMap((service) =>
      targetsOf(service, fleet)
        .filter((host) => known.has(host))
        .map((host) => ({
          message: `${service.name} reaches ${host} by a tunnel, and ${host} runs FreeBSD, where lbctl sets up none`,
          at: context.inService(service, "forwarding"),
          hint: "serve it by dr or nat, or take the host out of the group that serves",
        })),
    )
}

/** The real servers of a service, and its sorry server where that is a host of the inventory. */
function targetsOf({ backends, sorryServer }: VirtualService, { hosts }: Fleet): string[] {
  const sorry = hosts.filter(({ addresses }) => addresses.includes(sorryServer?.address ?? ""))
  return [
    ...new Set([...backends, ...sorry.map(({ name }) => ({ host: name }))].map(({ host }) => host)),
  ]
}

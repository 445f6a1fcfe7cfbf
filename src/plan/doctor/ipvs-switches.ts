import type { Check, Director, Ward } from "./check.ts"
import { directorsIn, each, switchOf } from "./check.ts"

/** Switches below net.ipv4.vs. */
export const ipvsSwitchChecks: readonly Check[] = [
  {
    id: "S12",
    severity: "error",
    looksAt: "the switches of net.ipv4.vs that lbctl sets or the cluster gives",
    why: "on them hangs whether drains end, whether clients of a lost real server hang, whether DR passes a firewall",
    find: (ward) =>
      each(directorsIn(ward), ({ host, input: { view }, examined }) =>
        (view.ipvsSysctls ?? []).flatMap(({ name, value }) => {
          const held = examined.switches.get(`net/ipv4/vs/${name}`)
          return held === undefined || held === value
            ? []
            : [{ message: `net.ipv4.vs.${name} is ${held}, not ${value}`, cure: ward.apply(host) }]
        }),
      ),
  },
  {
    id: "S13",
    severity: "warning",
    looksAt: "net.ipv4.vs.sloppy_tcp where mh balances and connections are not synchronised",
    why: "with it the director that takes over goes on with connections that it never saw begin",
    find: (ward) =>
      each(offWhereHashed(ward, "sloppy_tcp"), () => [
        {
          message: "net.ipv4.vs.sloppy_tcp is 0: a failover resets every connection",
          cure: "write ipvs_sysctls: { sloppy_tcp: 1 } into the cluster, or connection_sync",
        },
      ]),
  },
  {
    id: "S17",
    severity: "info",
    looksAt: "net.ipv4.vs.schedule_icmp where mh balances and connections are not synchronised",
    why: "with it the director that takes over sends ICMP, such as a path's MTU, on to the server that mh finds",
    find: (ward) =>
      each(offWhereHashed(ward, "schedule_icmp"), () => [
        {
          message:
            "net.ipv4.vs.schedule_icmp is 0: ICMP of connections that it never saw begin is lost",
          cure: "write ipvs_sysctls: { schedule_icmp: 1 } into the cluster",
        },
      ]),
  },
]

/** The directors whose switch is off although connections shall survive a failover because all of them hash to the same servers. */
function offWhereHashed(ward: Ward, name: string): Director[] {
  return directorsIn(ward).filter(
    ({ state: { services, connectionSync }, examined }) =>
      connectionSync.length === 0 &&
      services.some(({ scheduler }) => scheduler === "mh") &&
      switchOf(examined, `net/ipv4/vs/${name}`) === 0,
  )
}

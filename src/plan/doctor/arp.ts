import type { Check, RealServer, Symptom } from "./check.ts"
import { each, effective, realServersIn, switchOf } from "./check.ts"

/**
 * Real servers must keep silent about their VIPs: what counts for ARP is the interface that a question comes in by, and `all`;
 * never the one that holds the VIP.
 */
export const arpChecks: readonly Check[] = [
  {
    id: "S01",
    severity: "error",
    looksAt: "net.ipv4.conf.{all,NIC}.arp_ignore on real servers, of which the larger counts",
    why: "a real server that answers ARP for a VIP draws all of the VIP's packets to itself",
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        nics(server)
          .filter((nic) => effective(server.examined, "arp_ignore", nic) === 0)
          .map((nic) => ({
            message: `answers ARP for its VIPs on ${nic}: arp_ignore is 0${onLoopbackOnly(server, "arp_ignore")}`,
            cure: ward.apply(server.host),
          })),
      ),
  },
  {
    id: "S02",
    severity: "error",
    looksAt: "net.ipv4.conf.{all,NIC}.arp_announce on real servers, of which the larger counts",
    why: "below 2 a real server names the VIP as sender of its own ARP questions, and whoever hears it learns the wrong MAC",
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        nics(server).flatMap((nic) => {
          const value = effective(server.examined, "arp_announce", nic)
          return value >= 2
            ? []
            : [
                {
                  message: `asks in the name of its VIPs on ${nic}: arp_announce is ${value}${onLoopbackOnly(server, "arp_announce")}`,
                  cure: ward.apply(server.host),
                },
              ]
        }),
      ),
  },
  {
    id: "S03",
    severity: "error",
    looksAt: "arp_ignore of 3 or 8 on real servers",
    why: "with 3 VIPs of global scope are answered for, with 8 the host's own address is not either",
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        nics(server).flatMap((nic): Omit<Symptom, "host">[] => {
          const value = effective(server.examined, "arp_ignore", nic)
          return value < 3
            ? []
            : [
                {
                  message: `arp_ignore is ${value} on ${nic}`,
                  cure: `sysctl -w net.ipv4.conf.all.arp_ignore=1 net/ipv4/conf/${nic}/arp_ignore=1 on ${server.host}, and in its sysctl.d`,
                },
              ]
        }),
      ),
  },
]

/** Words on a setting that does nothing. */
function onLoopbackOnly({ examined }: RealServer, name: string): string {
  const ownLoopback = switchOf(examined, `net/ipv4/conf/lo/${name}`) ?? 0
  return ownLoopback > 0 ? ` (conf.lo.${name}=${ownLoopback} has no effect)` : ""
}

/** The interfaces by which somebody could ask for the IPv4 VIPs: those with an IPv4 address of the host's own. */
function nics({ view, input: { observed } }: RealServer): string[] {
  if (!view.vips.some((vip) => vip.family === 4)) return []
  const holders = new Set(["lo", ...view.vips.map(({ device }) => device)])
  const vips = new Set(view.vips.map(({ address }) => address))
  const names = observed.addresses
    .filter(
      ({ address, device }) => !address.includes(":") && !holders.has(device) && !vips.has(address),
    )
    .map(({ device }) => device)
  return [...new Set(names)].sort()
}

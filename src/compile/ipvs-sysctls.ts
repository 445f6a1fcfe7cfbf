import { parseDuration } from "../core/duration.ts"
import { compareText } from "../core/text.ts"
import type { DesiredService, DirectorState, IpvsSysctl } from "../model/desired.ts"
import type { Cluster } from "../model/fleet.ts"
import type { IpvsSysctls } from "../schema/clusters.gen.ts"

/** Switches as the kernel writes them: a list with blanks between, a time in seconds. */
export function compileSysctls(source: IpvsSysctls = {}): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(source).map(([name, value]: [string, number | string | readonly number[]]) => [
      name,
      kernelText(value),
    ]),
  )
}

function kernelText(value: number | string | readonly number[]): string {
  if (typeof value === "string") return String((parseDuration(value) ?? 0) / 1000)
  return typeof value === "number" ? String(value) : value.join(" ")
}

/**
 * The switches of a director's kernel by name: what its clusters say, and what lbctl sets where they are silent. All
 * others stay as they are. Clusters of one director that contradict each other are a matter of validate.
 */
export function ipvsSysctls(
  state: Pick<DirectorState, "services" | "connectionSync">,
  clusters: readonly Cluster[],
): IpvsSysctl[] {
  const sysctls = new Map<string, IpvsSysctl>()
  for (const { name: cluster, ipvsSysctls: given } of clusters)
    for (const [name, value] of given)
      sysctls.set(name, { name, value, why: `ipvs_sysctls of the cluster ${cluster}.` })
  const refresh = sysctls.get("sync_refresh_period")?.value
  for (const sysctl of [...serviceDefaults(state), ...syncDefaults(state, refresh)])
    if (!sysctls.has(sysctl.name)) sysctls.set(sysctl.name, sysctl)
  return [...sysctls.values()].sort((a, b) => compareText(a.name, b.name))
}

function serviceDefaults({ services }: Pick<DirectorState, "services">): IpvsSysctl[] {
  const targets = services.flatMap(({ servers, sorryServer }) => [
    ...servers,
    ...(sorryServer === undefined ? [] : [sorryServer]),
  ])
  return [
    {
      name: "expire_quiescent_template",
      value: "1",
      why: "A real server of weight 0 gets no new connections of its persistent clients either, so that a drain comes to an end.",
    },
    {
      name: "expire_nodest_conn",
      value: "1",
      why: "Clients of a real server that was taken out are told so (TCP reset) and connect anew, where they would hang.",
    },
    // Stateful rules see one half of a DR or TUN connection only: with conntrack they drop it after the first packet.
    // Where all is nat it is left as it is: masquerading by iptables or nftables needs it.
    ...(targets.some(({ forwarding }) => forwarding !== "nat")
      ? [
          {
            name: "conntrack",
            value: "0",
            why: "Netfilter sees only the clients' half of a DR or TUN connection and takes it for invalid.",
          },
        ]
      : []),
  ]
}

function isUdp({ key, matches = [] }: DesiredService): boolean {
  if (key.kind === "address") return key.protocol === "udp"
  return matches.some(({ protocol }) => protocol === "udp")
}

/**
 * The kernel's own `3 50` tells a backup of a connection at its third packet and then at every 50th: what no backup
 * heard is lost for that long, and a refresh period only ever leaves messages out while PERIOD is not 0. With `0 0`
 * the period decides alone: a message when the connection is established, repeated with its next packets, and again
 * every refresh period while packets flow (net/netfilter/ipvs/ip_vs_sync.c, ip_vs_sync_conn_needed).
 * `0 2` takes every second packet into account: a UDP flow of one datagram, as of DNS, is then no message.
 */
function syncDefaults(
  { services, connectionSync }: Pick<DirectorState, "services" | "connectionSync">,
  refresh = "10",
): IpvsSysctl[] {
  if (connectionSync.length === 0 || refresh === "0") return []
  const datagrams = services.some((service) => isUdp(service) && !service.onePacket)
  return [
    {
      name: "sync_threshold",
      value: datagrams ? "0 2" : "0 0",
      why: "Connections are synchronised once they are established, not at their third packet and every 50th.",
    },
    {
      name: "sync_refresh_period",
      value: refresh,
      why: "Connections that go on are synchronised again, so that a backup that was away learns of them.",
    },
    {
      name: "sync_retries",
      value: "2",
      why: "A synchronisation message that was lost is repeated with the connection's next packets.",
    },
  ]
}

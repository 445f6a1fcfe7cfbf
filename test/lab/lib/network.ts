import { must } from "./exec.ts"
import type { LabIdentity } from "./identity.ts"
import type { ResolvedNode } from "./spec.ts"
import { lanAddresses } from "./spec.ts"

/** The bridge that is the nodes' segment. */
export const bridge = "br0"
/** The router's. A bridge without one of its own has its lowest port's, and would take another when that port is unplugged. */
const routerMac = "52:54:00:4d:00:01"

/**
 * Makes the lab's namespaces: the nodes' segment with router and controller on it, and the client behind the
 * router. Nothing of it is visible outside of them.
 */
export async function createNetwork(
  lab: LabIdentity,
  nodes: readonly ResolvedNode[],
): Promise<void> {
  const a = lanAddresses
  for (const namespace of [lab.lan, lab.client]) {
    await must(["ip", "netns", "add", namespace])
    await setSysctls(namespace, { "net/ipv4/conf/all/rp_filter": 0, ...noWaitingForIpv6 })
  }
  await setSysctls(lab.lan, {
    "net/ipv4/ip_forward": 1,
    "net/ipv6/conf/all/forwarding": 1,
  })
  await ipBatch(lab.lan, [
    "link set lo up",
    // Without an IGMP querier a snooping bridge would stop passing VRRP's multicast.
    `link add ${bridge} address ${routerMac} type bridge forward_delay 0 mcast_snooping 0`,
    `link set ${bridge} up`,
    `addr add ${a.controller}/24 dev ${bridge}`,
    `addr add ${a.controller6}/64 dev ${bridge} nodad`,
    ...nodes.flatMap(({ tap }) => [
      `tuntap add ${tap} mode tap`,
      `link set ${tap} master ${bridge}`,
      `link set ${tap} up`,
    ]),
    `link add clients type veth peer name eth0 netns ${lab.client}`,
    "link set clients up",
    `addr add ${a.router}/24 dev clients`,
    `addr add ${a.router6}/64 dev clients nodad`,
  ])
  await ipBatch(lab.client, [
    "link set lo up",
    "link set eth0 up",
    `addr add ${a.client}/24 dev eth0`,
    `addr add ${a.client6}/64 dev eth0 nodad`,
    `route add default via ${a.router}`,
    `route add default via ${a.router6}`,
  ])
}

/**
 * Takes a node's port off the bridge. The link of the node stays up, as behind a switch that lost its uplink;
 * setting the tap itself down would make the guest's driver spin.
 */
export async function unplugPort(lab: LabIdentity, node: ResolvedNode): Promise<void> {
  await ipBatch(lab.lan, [`link set ${node.tap} nomaster`])
}

/** Puts a node's port back on the bridge. */
export async function plugPort(lab: LabIdentity, node: ResolvedNode): Promise<void> {
  await ipBatch(lab.lan, [`link set ${node.tap} master ${bridge}`])
}

/** Makes router and controller forget all MAC addresses they learnt, so that they ask again. */
export async function flushNeighbours(lab: LabIdentity): Promise<void> {
  await ipBatch(lab.lan, [`neigh flush dev ${bridge}`])
}

/** Duplicate address detection would keep an address from use for a second or more. */
const noWaitingForIpv6 = {
  "net/ipv6/conf/all/accept_dad": 0,
  "net/ipv6/conf/default/accept_dad": 0,
}

async function setSysctls(
  namespace: string,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const script = Object.entries(values).map(([key, value]) => `echo ${value} > /proc/sys/${key}`)
  await must(["ip", "netns", "exec", namespace, "sh", "-ec", script.join("\n")])
}

async function ipBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await must(["ip", "-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n` })
}

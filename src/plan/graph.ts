import { formatEndpoint } from "../core/address.ts"
import { groupBy } from "../core/group.ts"
import { compareText } from "../core/text.ts"
import type { Cluster, Fleet, VirtualService } from "../model/fleet.ts"
import { foldNames } from "./host-list.ts"

/** A fleet as boxes and arrows. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** A box; `lines` are its text. */
export interface GraphNode {
  readonly id: string
  readonly kind: "director" | "cluster" | "service" | "real-server" | "sorry-server"
  readonly lines: readonly string[]
}

/** An arrow, the way packets go; `spare` ones wait for a failure. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly label: string
  readonly spare: boolean
}

/**
 * The fleet from its directors to its real servers, as far as these hosts have a part in it. Real servers that serve alike are one
 * box: `rs[01-12]`.
 */
export function fleetGraph(fleet: Fleet, hosts: ReadonlySet<string>): Graph {
  const clusters = fleet.clusters.map((cluster) => ({
    cluster,
    services: fleet.services.filter(({ cluster: name }) => name === cluster.name),
  }))
  const parts = clusters
    .filter(({ cluster, services }) => concerns(hosts, cluster, services))
    .map(({ cluster, services }) => clusterGraph(cluster, services, hosts))
  const nodes = new Map(parts.flatMap((part) => part.nodes.map((node) => [node.id, node] as const)))
  return { nodes: [...nodes.values()], edges: parts.flatMap(({ edges }) => edges) }
}

function concerns(
  hosts: ReadonlySet<string>,
  { directors }: Cluster,
  services: readonly VirtualService[],
): boolean {
  return (
    directors.some(({ host }) => hosts.has(host)) ||
    services.some(({ backends }) => backends.some(({ host }) => hosts.has(host)))
  )
}

function clusterGraph(
  cluster: Cluster,
  all: readonly VirtualService[],
  hosts: ReadonlySet<string>,
): Graph {
  const { name, directors, vrrp } = cluster
  const whole = directors.some(({ host }) => hosts.has(host))
  const services = all.filter(
    ({ backends }) => whole || backends.some(({ host }) => hosts.has(host)),
  )
  const own: GraphNode = {
    id: `cluster ${name}`,
    kind: "cluster",
    lines: [name, `VRID ${vrrp.virtualRouterId}`],
  }
  const servers = realServers(services, whole ? undefined : hosts)
  return {
    nodes: [
      ...directors.map(({ host }) => box("director", host)),
      own,
      ...services.map(serviceBox),
      ...servers.nodes,
      ...services.flatMap(sorryBox),
    ],
    edges: [
      ...directors.map(({ host, priority }) =>
        arrow(`director ${host}`, own.id, `priority ${priority}`),
      ),
      ...services.map((service) => arrow(own.id, `service ${service.name}`, "")),
      ...servers.edges,
      ...services.flatMap(({ name: from, sorryServer }) =>
        sorryServer === undefined
          ? []
          : [{ ...arrow(`service ${from}`, sorryId(sorryServer), "sorry server"), spare: true }],
      ),
    ],
  }
}

function box(kind: "director" | "real-server", host: string): GraphNode {
  return { id: `${kind} ${host}`, kind, lines: [host] }
}

function serviceBox({ name, vips, ports, fwmark, scheduler }: VirtualService): GraphNode {
  const asked = ports.map(({ port, protocol }) => `${port}/${protocol}`).join(" ")
  const mark = fwmark === undefined ? [] : [`fwmark ${fwmark}`]
  return {
    id: `service ${name}`,
    kind: "service",
    lines: [name, ...vips, asked, ...mark, scheduler],
  }
}

function sorryBox({ sorryServer }: VirtualService): GraphNode[] {
  if (sorryServer === undefined) return []
  const { address, port } = sorryServer
  return [
    { id: sorryId(sorryServer), kind: "sorry-server", lines: [formatEndpoint(address, port)] },
  ]
}

function sorryId({ address, port }: NonNullable<VirtualService["sorryServer"]>): string {
  return `sorry-server ${formatEndpoint(address, port)}`
}

function arrow(from: string, to: string, label: string): GraphEdge {
  return { from, to, label, spare: false }
}

/** Hosts with the same services, forwarding and weights stand in one box. */
function realServers(
  services: readonly VirtualService[],
  hosts: ReadonlySet<string> | undefined,
): Graph {
  const parts = new Map<string, Map<string, string>>()
  for (const { name, backends } of services)
    for (const { host, forwarding, weight } of backends) {
      if (hosts !== undefined && !hosts.has(host)) continue
      const own = parts.get(host) ?? new Map<string, string>()
      parts.set(host, own.set(name, `${forwarding}, weight ${weight}`))
    }
  const alike = groupBy([...parts], ([, own]) => JSON.stringify([...own]))
  const groups = [...alike.values()].map((members) => ({
    names: foldNames(members.map(([host]) => host).sort(compareText)),
    serves: members[0]?.[1] ?? new Map<string, string>(),
  }))
  return {
    nodes: groups.map(({ names }) => ({
      id: `real-server ${names.join(" ")}`,
      kind: "real-server",
      lines: names,
    })),
    edges: groups.flatMap(({ names, serves }) =>
      [...serves].map(([service, label]) =>
        arrow(`service ${service}`, `real-server ${names.join(" ")}`, label),
      ),
    ),
  }
}

import { formatEndpoint } from "../core/address.ts"
import {
  matchesOf,
  type DesiredServer,
  type DesiredService,
  type DirectorState,
} from "../model/desired.ts"
import type { Protocol } from "../model/ipvs.ts"
import { lastPort } from "../model/mark-rules.ts"
import type { VipQuestion } from "../model/vip-probe.ts"

/** A real server on a VIP and port of a service. */
export interface ServedVip {
  readonly cluster: string
  readonly service: string
  readonly host: string
  readonly forwarding: DesiredServer["forwarding"]
  /** `tcp 192.0.2.10:80` */
  readonly endpoint: string
  /** How it can be asked; or why it need not or cannot be. */
  readonly question: VipQuestion | "nat" | "sctp" | "any-port"
}

/** Where a service takes packets: of a range of ports the first, of every port the one that its check asks. */
interface Entry {
  readonly vip: string
  readonly protocol: Protocol
  readonly port?: number
}

/** Where these real servers must answer on VIPs, as a director of the cluster sends them packets; pooled or not. */
export function servedVips(
  { services }: Pick<DirectorState, "services">,
  cluster: string,
  hosts: ReadonlySet<string>,
): ServedVip[] {
  return services
    .filter((service) => service.cluster === cluster)
    .flatMap((service) =>
      service.servers
        .filter(({ host }) => hosts.has(host))
        .flatMap((server) => entriesOf(service).map((entry) => served(service, server, entry))),
    )
}

function served(service: DesiredService, server: DesiredServer, entry: Entry): ServedVip {
  const { vip, protocol, port } = entry
  return {
    cluster: service.cluster,
    service: service.name,
    host: server.host,
    forwarding: server.forwarding,
    endpoint: `${protocol} ${port === undefined ? vip : formatEndpoint(vip, port)}`,
    question: questionOf(server, entry),
  }
}

function questionOf(
  { address, forwarding, tunnel = { type: "ipip" } }: DesiredServer,
  { vip, protocol, port }: Entry,
): ServedVip["question"] {
  if (forwarding === "nat") return "nat"
  if (protocol === "sctp") return "sctp"
  if (port === undefined) return "any-port"
  return { vip, protocol, port, server: address, ...(forwarding === "tun" ? { tunnel } : {}) }
}

function entriesOf(service: DesiredService): Entry[] {
  const { check } = service
  const asked = check?.port === undefined ? {} : { port: check.port }
  return matchesOf(service).map(({ address: vip, protocol, first, last }) => ({
    vip,
    protocol,
    ...(first === 0 && last === lastPort ? asked : { port: Math.max(1, first) }),
  }))
}

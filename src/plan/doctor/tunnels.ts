import { family } from "../../core/address.ts"
import type { DesiredServer, DesiredService } from "../../model/desired.ts"
import type { Check, Director, NamedPatient, Ward } from "./check.ts"
import { directorsIn, each, hostsIn, serversBy, switchOf } from "./check.ts"
import { clampsSegments } from "./packet.ts"

/** Room for full packets in tunnels. */
export const tunnelChecks: readonly Check[] = [
  {
    id: "N14",
    severity: "warning",
    looksAt: "the MTU towards real servers of tun against the segments that they ask clients for",
    why: "a full packet does not fit with the tunnel's header: where ICMP is filtered, uploads hang",
    find: (ward) =>
      each(directorsIn(ward), (director) =>
        switchOf(director.examined, "net/ipv4/vs/pmtu_disc") === 0
          ? []
          : tightTunnels(ward, director).map((tight) => ({
              message: `the way to ${tight.host} ${tight.address} takes ${tight.room} bytes, and a client's packet has ${tight.full}`,
              cure: tight.cure,
            })),
      ),
  },
  {
    id: "S16",
    severity: "info",
    looksAt: "net.ipv4.vs.pmtu_disc where full packets do not fit into a tunnel",
    why: "with 0 the director sends each full packet in two, which costs time, and some firewalls drop the parts",
    find: (ward) =>
      each(directorsIn(ward), (director) =>
        switchOf(director.examined, "net/ipv4/vs/pmtu_disc") === 0
          ? tightTunnels(ward, director).map((tight) => ({
              message: `sends full packets to ${tight.host} ${tight.address} in two fragments`,
              cure: tight.cure,
            }))
          : [],
      ),
  },
]

/** A real server that asks clients for segments that do not fit into the tunnel to it. */
interface Tight {
  readonly host: string
  readonly address: string
  /** The largest packet of a client's that the tunnel takes, and that the client may send; bytes. */
  readonly room: number
  readonly full: number
  /** It is to ask for segments that fit. */
  readonly cure: string
}

function tightTunnels(ward: Ward, director: Director): Tight[] {
  const reached = serversBy(director.state, "tun").filter(({ service }) => isTcp(service))
  const servers = [...new Map(reached.map(({ server }) => [server.address, server])).values()]
  const hosts = new Map(hostsIn(ward).map((patient) => [patient.host, patient]))
  return servers.flatMap((server) => {
    const patient = hosts.get(server.host)
    return patient === undefined ? [] : tightTunnel(director, server, patient)
  })
}

function tightTunnel(
  director: Director,
  server: Pick<DesiredServer, "host" | "address" | "tunnel">,
  patient: NamedPatient,
): Tight[] {
  const version = family(server.address) ?? 4
  const way = director.examined.routes.get(server.address)
  const back = patient.examined.defaultRoutes.find((route) => route.family === version)
  const [outward, clients] = [mtuOf(director, way), clientMtu(director)]
  const homeward = mtuOf(patient, back)
  if (back === undefined || outward === undefined || homeward === undefined) return []
  if (clampsSegments(patient.examined, version)) return []
  const headers = version === 6 ? 60 : 40
  const asked = back.advmss === undefined ? homeward : back.advmss + headers
  const [room, full] = [outward - overhead(server, version), Math.min(asked, clients)]
  if (full <= room) return []
  const route = `${back.via === undefined ? "" : `via ${back.via} `}dev ${back.device}`
  const { host, address } = server
  const cure = `on ${host}: ip -${version} route replace default ${route} advmss ${room - headers}, also for the next boot`
  return [{ host, address, room, full, cure }]
}

function isTcp({ key }: DesiredService): boolean {
  return key.kind === "fwmark" || key.protocol === "tcp"
}

function mtuOf(
  { input: { observed } }: NamedPatient,
  route: { readonly device: string; readonly mtu?: number } | undefined,
): number | undefined {
  return route?.mtu ?? observed.links.find(({ name }) => name === route?.device)?.mtu
}

/** The largest packet that comes to the director from a client. */
function clientMtu({ state, input: { observed } }: Director): number {
  const names = new Set(state.vrrp.map((vrrp) => vrrp.interface))
  return Math.max(...observed.links.filter(({ name }) => names.has(name)).map(({ mtu }) => mtu))
}

/** Bytes that a tunnel puts before each packet: the outer IP header, and GRE's, or UDP's and GUE's (net/netfilter/ipvs/ip_vs_xmit.c). */
function overhead({ tunnel }: Pick<DesiredServer, "tunnel">, version: 4 | 6): number {
  const own = { ipip: 0, gre: 4, gue: 12 }[tunnel?.type ?? "ipip"]
  return (version === 6 ? 40 : 20) + own
}

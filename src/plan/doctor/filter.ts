import type { Check, NamedPatient, Symptom, Ward } from "./check.ts"
import { directorsIn, each, hostsIn, realServersIn, serversBy, switchOf } from "./check.ts"
import { opening } from "./opening.ts"
import { dropperOf } from "./packet.ts"
import {
  servedPackets,
  servicePackets,
  syncPacket,
  tunnelPackets,
  vrrpPackets,
  type NamedPacket,
} from "./packets.ts"

/** What packet filters drop for certain; where it hangs on what lbctl does not judge, nothing is said. */
export const filterChecks: readonly Check[] = [
  {
    id: "F01",
    severity: "error",
    looksAt: "the packet filters of directors, for VRRP between keepalived and keepalived",
    why: "a director that does not hear the master takes itself for it, and both hold the VIPs",
    find: (ward) =>
      each(directorsIn(ward), (director) =>
        dropped(director, director.state.vrrp.flatMap(vrrpPackets)),
      ),
  },
  {
    id: "F02",
    severity: "error",
    looksAt: "the packet filters of directors, for connection synchronisation",
    why: "the director that takes over knows none of the connections, and clients lose them all",
    find: (ward) =>
      each(directorsIn(ward), (director) =>
        dropped(director, director.state.connectionSync.map(syncPacket)),
      ),
  },
  {
    id: "F03",
    severity: "error",
    looksAt:
      "the packet filters of real servers of tun, for what comes out of the tunnels' other ends",
    why: "a rule for the service's port does not let a tunnelled packet in, whose protocol is another",
    find: (ward) => each(realServersIn(ward), (server) => dropped(server, tunnelPackets(server))),
  },
  {
    id: "F04",
    severity: "error",
    looksAt: "the packet filters of directors and real servers, for the ports of services",
    why: "IPVS gets a packet only after the director's filter let it in, and the real server's is asked as well",
    find: (ward) => [
      ...each(directorsIn(ward), (director) =>
        dropped(director, director.state.services.flatMap(servicePackets)),
      ),
      ...each(hostsIn(ward), (patient) => dropped(patient, packetsFor(ward, patient))),
    ],
  },
  {
    id: "S10",
    severity: "error",
    looksAt:
      "net.ipv4.vs.conntrack of 1 with a rule that drops what is INVALID, where there is dr or tun",
    why: "the director sees the clients' half of a connection only: all but its first packet is INVALID",
    find: (ward) =>
      each(directorsIn(ward), ({ host, state, examined }) =>
        switchOf(examined, "net/ipv4/vs/conntrack") === 1 &&
        ["dr" as const, "tun" as const].some((way) => serversBy(state, way).length > 0)
          ? invalidDroppers(examined).map((where) => ({
              message: `conntrack is 1, and ${where} drops what is INVALID`,
              cure: `sysctl -w net.ipv4.vs.conntrack=0 on ${host}, and no conntrack: 1 in ipvs_sysctls of the cluster`,
            }))
          : [],
      ),
  },
]

/** What a real server gets of the services that the directors among the patients send it. */
function packetsFor(ward: Ward, { host, input }: NamedPatient): NamedPacket[] {
  if (input.view.director !== undefined) return []
  const view = input.view.realserver ?? { vips: [], tunnels: [] }
  return directorsIn(ward).flatMap(({ state }) =>
    state.services.flatMap((service) =>
      service.servers
        .filter((server) => server.host === host)
        .flatMap((server) => servedPackets(service, server, { view })),
    ),
  )
}

/** A symptom for each of these packets that a host drops for certain. */
function dropped(
  { host, examined: { filter = [] } }: NamedPatient,
  packets: readonly NamedPacket[],
): Omit<Symptom, "host">[] {
  const distinct = new Map(packets.map((packet) => [packet.name, packet]))
  return [...distinct.values()].flatMap((packet) => {
    const chain = dropperOf(filter, packet)
    if (chain === undefined) return []
    return [
      {
        message: `drops ${packet.name} (${chain.tool} ${chain.table} ${chain.name})`,
        cure: `${opening(chain, packet)} on ${host}, and where the rules for the next boot are`,
      },
    ]
  })
}

function invalidDroppers({ filter = [] }: NamedPatient["examined"]): string[] {
  return filter
    .filter(({ rules }) =>
      rules.some(
        ({ tests, action }) =>
          action.kind === "drop" &&
          tests.some(
            (test) =>
              test.kind === "state" && test.not === undefined && test.states.includes("invalid"),
          ),
      ),
    )
    .map(({ tool, table, name }) => `${tool} ${table} ${name}`)
}

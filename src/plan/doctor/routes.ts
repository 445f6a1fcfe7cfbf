import { canonicalAddress, family } from "../../core/address.ts"
import type { DirectorState } from "../../model/desired.ts"
import type { Check, Ward } from "./check.ts"
import { directorsIn, each, hostsIn, isWhole, realServersIn, serversBy } from "./check.ts"

/** The ways of packets between directors, real servers and clients. */
export const routeChecks: readonly Check[] = [
  {
    id: "N08",
    severity: "error",
    looksAt: "the way from directors to real servers of dr",
    why: "dr changes nothing but the MAC: a router in between sends the packet back to the VIP's master",
    find: (ward) =>
      each(directorsIn(ward), ({ state, examined }) =>
        unique(serversBy(state, "dr").map(({ server }) => server)).flatMap((server) => {
          const via = examined.routes.get(server.address)?.via
          return via === undefined
            ? []
            : [
                {
                  message: `reaches ${server.host} ${server.address} by the router ${via}`,
                  cure: "write forwarding: tun for its services, or give both a network in common",
                },
              ]
        }),
      ),
  },
  {
    id: "N10",
    severity: "warning",
    looksAt: "the default route of directors, and of real servers of dr and tun",
    why: "clients beyond the own networks get no answer without one",
    find: (ward) =>
      each([...directorsIn(ward), ...realServersIn(ward)], ({ examined }) =>
        examined.defaultRoutes.length > 0
          ? []
          : [
              {
                message: "has no default route",
                cure: "add one, unless all clients are on its own networks: ip route add default via ROUTER",
              },
            ],
      ),
  },
  {
    id: "N11",
    severity: "error",
    looksAt: "the address from which directors send tunnelled IPv6 packets",
    why: "a real server drops a tunnelled packet whose outer sender is the VIP that it holds itself",
    find: (ward) =>
      each(directorsIn(ward), ({ host, state, examined }) => {
        const vips = new Set(state.vrrp.flatMap((vrrp) => vrrp.vips).map(canonicalAddress))
        return unique(serversBy(state, "tun").map(({ server }) => server)).flatMap((server) => {
          const source = examined.routes.get(server.address)?.source
          return source === undefined || family(source) !== 6 || !vips.has(source)
            ? []
            : [
                {
                  message: `sends to ${server.host} ${server.address} from the VIP ${source}`,
                  cure: `ip -6 address change ${source}/128 dev ${deviceOf(state, source)} preferred_lft 0 on ${host}`,
                },
              ]
        })
      }),
  },
  {
    id: "N12",
    severity: "warning",
    looksAt: "the default route of real servers of dr and tun",
    why: "answers that go through the director load it with all that dr was to spare it, and it may drop them",
    find: (ward) => {
      const directors = directorAddresses(ward)
      return each(realServersIn(ward), ({ examined }) =>
        examined.defaultRoutes
          .filter(({ via }) => via !== undefined && directors.has(via))
          .map(({ via = "", device }) => ({
            message: `its default route goes to the director ${directors.get(via) ?? ""} (${via} on ${device})`,
            cure: "set the default route to the clients' router",
          })),
      )
    },
  },
  {
    id: "N13",
    severity: "warning",
    looksAt: "the default route of real servers of nat",
    why: "the client knows only the VIP: an answer that misses the director is not translated back",
    find: (ward) => {
      const directors = directorAddresses(ward)
      const served = new Set(
        directorsIn(ward)
          .filter(({ state }) => state.vrrp.every((vrrp) => isWhole(ward, vrrp)))
          .flatMap(({ state }) => serversBy(state, "nat").map(({ server }) => server.host)),
      )
      const hosts = hostsIn(ward).filter(
        ({ host, input }) => served.has(host) && input.view.director === undefined,
      )
      return each(hosts, ({ examined }) =>
        examined.defaultRoutes.some(({ via }) => via !== undefined && directors.has(via))
          ? []
          : [
              {
                message: "its default route does not go to a director",
                cure: "set it to an address that moves with the VIPs, or let the directors translate the source (SNAT)",
              },
            ],
      )
    },
  },
]

/** The interface of a VIP. */
function deviceOf({ vrrp }: Pick<DirectorState, "vrrp">, vip: string): string {
  return vrrp.find(({ vips }) => vips.map(canonicalAddress).includes(vip))?.interface ?? ""
}

/** Every address by which a director can be reached, with the director's name; VIPs and anchors among them. */
function directorAddresses(ward: Ward): ReadonlyMap<string, string> {
  return new Map(
    directorsIn(ward).flatMap(({ host, state, input }) =>
      [
        ...input.view.addresses,
        ...state.vrrp.flatMap((vrrp) => [vrrp.source, vrrp.anchor, ...vrrp.vips]),
      ].map((address) => [address, host] as const),
    ),
  )
}

function unique<T extends { readonly address: string }>(servers: readonly T[]): T[] {
  return [...new Map(servers.map((server) => [server.address, server])).values()]
}

import { plural } from "../../core/text.ts"
import type { Check } from "./check.ts"
import { directorsIn, each, hostsIn, switchOf } from "./check.ts"
import { holderMacs } from "./holders.ts"

/** Whom hosts take for their neighbours. */
export const neighbourChecks: readonly Check[] = [
  {
    id: "S20",
    severity: "warning",
    looksAt:
      "net.ipv4.neigh.default.gc_thresh3 against the real servers on the director's own links",
    why: "when the neighbour table is full the kernel drops packets to hosts that it cannot keep",
    find: (ward) =>
      each(directorsIn(ward), ({ state, examined }) => {
        const room = switchOf(examined, "net/ipv4/neigh/default/gc_thresh3")
        const addresses = state.services.flatMap(({ servers }) => servers.map((one) => one.address))
        const neighbours = new Set(
          addresses.filter((address) => examined.routes.get(address)?.via === undefined),
        ).size
        return room === undefined || room > 2 * neighbours
          ? []
          : [
              {
                message: `${plural(neighbours, "real server is a neighbour", "real servers are neighbours")}, and the table holds ${room}`,
                cure: `sysctl -w net.ipv4.neigh.default.gc_thresh3=${Math.max(4096, 4 * neighbours)}, and in sysctl.d`,
              },
            ]
      }),
  },
  {
    id: "N07",
    severity: "warning",
    looksAt: "the neighbour tables of all hosts, for the VIPs",
    why: "who missed the gratuitous ARP of a failover sends to the director that has the VIP no more",
    find: (ward) => {
      const directors = directorsIn(ward)
      return each(hostsIn(ward), ({ host, examined, input: { observed } }) =>
        examined.neighbours
          .filter(({ address }) => !observed.addresses.some((own) => own.address === address))
          .flatMap(({ address, device, mac }) => {
            const macs = holderMacs(directors, address)
            return macs.length === 0 || macs.includes(mac)
              ? []
              : [
                  {
                    message: `takes ${mac} on ${device} for the VIP ${address}, which is ${macs.join(" and ")}`,
                    cure: `ip neigh del ${address} dev ${device} on ${host}; where it comes back, look for who answers (N06)`,
                  },
                ]
          }),
      )
    },
  },
]

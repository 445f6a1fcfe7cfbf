import { contains } from "../../core/address.ts"
import type { HostInput } from "../host.ts"
import type { Check } from "./check.ts"
import { directorsIn, each, serversBy } from "./check.ts"

/** What NICs do to packets before IPVS sees them. */
export const offloadChecks: readonly Check[] = [
  {
    id: "N15",
    severity: "warning",
    looksAt: "large-receive-offload of the NICs by which directors receive what they forward",
    why: "a NIC that merges segments makes packets larger than the MTU, which cannot be forwarded: uploads crawl or hang",
    find: (ward) =>
      each(directorsIn(ward), ({ host, examined }) =>
        examined.offload
          .filter(({ largeReceive }) => largeReceive)
          .map(({ device, interface: above }) => ({
            message: `${device}${above === device ? "" : ` below ${above}`} merges received segments: large-receive-offload is on`,
            cure: `ethtool -K ${device} lro off on ${host}, and LargeReceiveOffload=no in its systemd.link(5) for later boots`,
          })),
      ),
  },
]

/** Letters of interfaces' names that a host is asked about. */
const plainName = /^[\w.@+-]+$/

/**
 * The interfaces by which a director receives what IPVS forwards: those of its clusters, where clients' packets come in, and of its own
 * networks with real servers of nat, whose answers it forwards as well.
 */
export function receiversToAsk({ view, observed }: Pick<HostInput, "view" | "observed">): string[] {
  const { director } = view
  if (director === undefined) return []
  const answering = serversBy(director, "nat").map(({ server }) => server.address)
  const networks = observed.addresses.filter(({ address, prefix }) =>
    answering.some((server) => contains(address, prefix, server)),
  )
  const names = [
    ...director.vrrp.map((instance) => instance.interface),
    ...networks.map(({ device }) => device),
  ]
  return [...new Set(names)].filter((name) => plainName.test(name))
}

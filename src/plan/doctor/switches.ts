import type { Check, Director, RealServer } from "./check.ts"
import { directorsIn, each, effective, realServersIn, serversBy, switchOf } from "./check.ts"

/** Switches of the kernel besides those of ARP. */
export const switchChecks: readonly Check[] = [
  {
    id: "S05",
    severity: "error",
    looksAt:
      "net.ipv4.conf.{all,tunl0}.rp_filter on real servers of tun, of which the larger counts",
    why: "strict reverse path filtering drops what comes out of a tunnel: its way back is another interface",
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        tunnelDevices(server)
          .filter((device) => effective(server.examined, "rp_filter", device) === 1)
          .map((device) => ({
            message: `reverse path filtering is strict on ${device}`,
            cure: ward.apply(server.host),
          })),
      ),
  },
  {
    id: "S07",
    severity: "error",
    looksAt: "net.ipv4.ip_forward on directors of nat",
    why: "the director routes the answers of nat real servers",
    find: (ward) =>
      each(directorsIn(ward), ({ host, state, examined }) =>
        serversBy(state, "nat").some(({ server }) => !server.address.includes(":")) &&
        switchOf(examined, "net/ipv4/ip_forward") === 0
          ? [{ message: "net.ipv4.ip_forward is 0", cure: ward.apply(host) }]
          : [],
      ),
  },
  {
    id: "S08",
    severity: "info",
    looksAt: "net.ipv4.ip_forward on directors without nat",
    why: "dr and tun need no routing, and a host that routes can be used to get around a firewall",
    find: (ward) =>
      each(directorsIn(ward), ({ host, state, examined }) =>
        serversBy(state, "nat").length === 0 && switchOf(examined, "net/ipv4/ip_forward") === 1
          ? [
              {
                message: "net.ipv4.ip_forward is 1, and no service of nat needs it",
                cure: `sysctl -w net.ipv4.ip_forward=0 on ${host}, unless it routes on purpose`,
              },
            ]
          : [],
      ),
  },
  {
    id: "S09",
    severity: "warning",
    looksAt: "net.ipv4.conf.{all,NIC}.send_redirects on directors of nat with one interface",
    why: "a redirect tells real servers of a shorter way past the director, and their answers get lost there",
    find: (ward) =>
      each(directorsIn(ward), (director) =>
        oneArmed(director).map((nic) => ({
          message: `sends ICMP redirects on ${nic}`,
          cure: `sysctl -w net.ipv4.conf.all.send_redirects=0 net/ipv4/conf/${nic}/send_redirects=0 on ${director.host}, and in its sysctl.d`,
        })),
      ),
  },
]

function tunnelDevices({ view }: RealServer): string[] {
  return [...new Set(view.vips.map(({ device }) => device))].filter((device) => device !== "lo")
}

/** Interfaces on which a director both hears clients and reaches nat real servers, and sends redirects. */
function oneArmed({ state, examined }: Director): string[] {
  const servers = serversBy(state, "nat").map(({ server }) => server.address)
  const devices = new Set(servers.flatMap((address) => examined.routes.get(address)?.device ?? []))
  return state.vrrp
    .map((vrrp) => vrrp.interface)
    .filter((nic) => devices.has(nic) && effective(examined, "send_redirects", nic) === 1)
}

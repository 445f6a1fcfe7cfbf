import { plural } from "../../core/text.ts"
import type { Check, Director, Patient, RealServer } from "./check.ts"
import {
  directorsIn,
  each,
  effective,
  hostsIn,
  realServersIn,
  serversBy,
  switchOf,
} from "./check.ts"

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
  {
    id: "S12",
    severity: "error",
    looksAt: "the switches of net.ipv4.vs that lbctl sets or the cluster gives",
    why: "on them hangs whether drains end, whether clients of a lost real server hang, whether DR passes a firewall",
    find: (ward) =>
      each(directorsIn(ward), ({ host, input: { view }, examined }) =>
        (view.ipvsSysctls ?? []).flatMap(({ name, value }) => {
          const held = examined.switches.get(`net/ipv4/vs/${name}`)
          return held === undefined || held === value
            ? []
            : [{ message: `net.ipv4.vs.${name} is ${held}, not ${value}`, cure: ward.apply(host) }]
        }),
      ),
  },
  {
    id: "S13",
    severity: "warning",
    looksAt: "net.ipv4.vs.sloppy_tcp where mh balances and connections are not synchronised",
    why: "with it the director that takes over goes on with connections that it never saw begin",
    find: (ward) =>
      each(directorsIn(ward), ({ state, examined }) =>
        state.connectionSync.length === 0 &&
        state.services.some(({ scheduler }) => scheduler === "mh") &&
        switchOf(examined, "net/ipv4/vs/sloppy_tcp") === 0
          ? [
              {
                message: "net.ipv4.vs.sloppy_tcp is 0: a failover resets every connection",
                cure: "write ipvs_sysctls: { sloppy_tcp: 1 } into the cluster, or connection_sync",
              },
            ]
          : [],
      ),
  },
  {
    id: "S18",
    severity: "warning",
    looksAt: "sysctl.d: who sets last what lbctl wants",
    why: "the last file by name wins at a boot, and until then nobody notices",
    find: (ward) => each(hostsIn(ward), (patient) => overruled(patient)),
  },
  {
    id: "S19",
    severity: "warning",
    looksAt: "sysctl.d: keys of interfaces with a dot in their name",
    why: "a dot of a VLAN's name is taken for a slash, and the line sets nothing",
    find: (ward) =>
      each(hostsIn(ward), ({ examined }) =>
        examined.kept
          .filter(({ key }) => /^net\.ipv[46]\.(conf|neigh)\.[^.]+\..+\./.test(key))
          .map(({ file, key }) => ({
            message: `${file} means no interface by ${key}`,
            cure: `write ${slashed(key)}`,
          })),
      ),
  },
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

/** What another file of sysctl.d sets after lbctl's own. */
function overruled({ input: { bundle }, examined }: Patient): { message: string; cure: string }[] {
  return bundle.sysctls.flatMap(({ key, value }) => {
    const last = examined.kept.findLast((line) => slashed(line.key) === slashed(key))
    return last === undefined || last.value === value
      ? []
      : [
          {
            message: `${last.file} sets ${key} to ${last.value} at a boot, and lbctl wants ${value}`,
            cure: `remove the line from ${last.file}`,
          },
        ]
  })
}

/** The path below /proc/sys: a key whose first separator is a slash is one (sysctl.d(5)). */
function slashed(key: string): string {
  const [first = ""] = key.match(/[./]/) ?? []
  return first === "/"
    ? key
    : key.replaceAll(/[./]/g, (separator) => (separator === "." ? "/" : "."))
}

import type { Check, Director, Patient } from "./check.ts"
import { directorsIn, each, hostsIn, realServersIn, serversBy, switchOf } from "./check.ts"

/** What the kernel of a host has to be able to do. */
export const kernelChecks: readonly Check[] = [
  {
    id: "K01",
    severity: "error",
    looksAt: "/proc/net/ip_vs on directors",
    why: "without the module ip_vs there is no table to balance by, and net.ipv4.vs does not exist",
    find: (ward) =>
      each(directorsIn(ward).filter(hasOwnKernel), ({ host, input: { observed } }) =>
        observed.facts["ipvs"] !== "loadable"
          ? []
          : [{ message: "the kernel has not loaded ip_vs", cure: ward.apply(host) }],
      ),
  },
  {
    id: "K02",
    severity: "error",
    looksAt: "modules-load.d on directors",
    why: "after a boot systemd-sysctl passes over switches whose module is not loaded, and says nothing",
    find: (ward) =>
      each(directorsIn(ward).filter(hasOwnKernel), ({ host, examined }) =>
        examined.bootModules.has("ip_vs") || examined.modules.get("ip_vs") === "builtin"
          ? []
          : [{ message: "the next boot does not load ip_vs", cure: ward.apply(host) }],
      ),
  },
  {
    id: "K03",
    severity: "error",
    looksAt: "the module ip_vs below /lib/modules on directors",
    why: "kernels for containers and small clouds leave IPVS out",
    find: (ward) =>
      each(directorsIn(ward).filter(hasOwnKernel), ({ input: { observed } }) =>
        observed.facts["ipvs"] !== "missing"
          ? []
          : [
              {
                message: `the kernel ${observed.facts["kernel"] ?? ""} has no ip_vs`,
                cure: "install the distribution's full kernel (Debian linux-image-amd64, Ubuntu linux-modules-extra)",
              },
            ],
      ),
  },
  {
    id: "K04",
    severity: "error",
    looksAt: "the modules of the schedulers that services use",
    why: "the kernel refuses a service whose scheduler it cannot load",
    find: (ward) =>
      each(directorsIn(ward), ({ state, examined }) =>
        schedulersOf({ state })
          .filter((scheduler) => examined.modules.get(`ip_vs_${scheduler}`) === "missing")
          .map((scheduler) => ({
            message: `the kernel has no module ip_vs_${scheduler}`,
            cure: `use another scheduler than ${scheduler} in the definition, or another kernel`,
          })),
      ),
  },
  {
    id: "K05",
    severity: "warning",
    looksAt: "the kernel's version where net.ipv4.vs.conntrack is 1",
    why: "before Linux 5.9 a client that uses a port again waits for a second when conntrack is on",
    find: (ward) =>
      each(directorsIn(ward), ({ examined, input: { observed } }) =>
        switchOf(examined, "net/ipv4/vs/conntrack") === 1 &&
        switchOf(examined, "net/ipv4/vs/conn_reuse_mode") === 1 &&
        isBefore(observed.facts["kernel"] ?? "", [5, 9])
          ? [
              {
                message: `conntrack is 1 on Linux ${observed.facts["kernel"] ?? ""}`,
                cure: "write ipvs_sysctls: { conn_reuse_mode: 0 } into the cluster, or use Linux 5.9",
              },
            ]
          : [],
      ),
  },
  {
    id: "K06",
    severity: "warning",
    looksAt: "the connections of the IPVS table against the rows of the kernel's connection table",
    why: "each packet is searched for in one row: with many connections in each, that takes the CPU's time",
    find: (ward) =>
      each(directorsIn(ward), ({ host, examined, input: { observed } }) => {
        const rows = examined.connectionRows
        const connections = (observed.agent?.counters ?? []).reduce(
          (sum, { active, inactive }) => sum + active + inactive,
          0,
        )
        if (rows === undefined || connections <= crowdedRow * rows) return []
        const bits = Math.min(largestTableBits, Math.ceil(Math.log2(connections)))
        return [
          {
            message: `${connections} connections are in a table of ${rows} rows`,
            cure:
              examined.modules.get("ip_vs") === "builtin"
                ? `boot ${host} with ip_vs.conn_tab_bits=${bits}`
                : `echo options ip_vs conn_tab_bits=${bits} >/etc/modprobe.d/ip_vs.conf on ${host}: it counts when ip_vs is loaded the next time, as at a boot`,
          },
        ]
      }),
  },
  {
    id: "K07",
    severity: "error",
    looksAt: "the modules of directors, and of real servers of tun, that are containers",
    why: "a container has its host's kernel and can load no module into it",
    find: (ward) =>
      each(hostsIn(ward), ({ examined, input: { view, observed } }) => {
        if (examined.container === undefined) return []
        const ipvs = view.director !== undefined && observed.facts["ipvs"] !== "loaded"
        const missing = [
          ...(ipvs ? ["ip_vs"] : []),
          ...(view.realserver?.tunnels ?? [])
            .map((tunnel) => tunnelModules[tunnel])
            .filter((name) => ["loadable", "missing"].includes(examined.modules.get(name) ?? "")),
        ]
        return missing.map((name) => ({
          message: `is a container (${examined.container}), and its host has not loaded ${name}`,
          cure: `modprobe ${name} on the machine that runs the container, and name it in modules-load.d there`,
        }))
      }),
  },
  {
    id: "K08",
    severity: "error",
    looksAt: "the tunnel modules of real servers of tun",
    why: "without its device the kernel answers a tunnelled packet with an ICMP error",
    find: (ward) =>
      each(realServersIn(ward).filter(hasOwnKernel), ({ host, view, examined }) =>
        view.tunnels
          .map((tunnel) => tunnelModules[tunnel])
          .filter((name) => ["loadable", "missing"].includes(examined.modules.get(name) ?? ""))
          .map((name) => ({
            message: `the module ${name} is not loaded`,
            cure:
              examined.modules.get(name) === "missing" ? "use another kernel" : ward.apply(host),
          })),
      ),
  },
  {
    id: "K10",
    severity: "error",
    looksAt: "nf_conntrack where net.ipv4.vs.conntrack is 1",
    why: "iptables translates what IPVS forwards only with the connection tracked",
    find: (ward) =>
      each(directorsIn(ward), ({ state, examined }) =>
        serversBy(state, "nat").length > 0 &&
        switchOf(examined, "net/ipv4/vs/conntrack") === 1 &&
        ["loadable", "missing"].includes(examined.modules.get("nf_conntrack") ?? "")
          ? [
              {
                message: "conntrack is 1 and the module nf_conntrack is not loaded",
                cure: "modprobe nf_conntrack, and name it in /etc/modules-load.d (nf_conntrack_ipv4 is gone since Linux 4.19)",
              },
            ]
          : [],
      ),
  },
]

/** Connections in one row from which searching it is worth a word. */
const crowdedRow = 4
/** The largest conn_tab_bits of Linux before 6.8 (net/netfilter/ipvs/Kconfig, IP_VS_TAB_BITS). */
const largestTableBits = 20

/** What a container's kernel can do is its host's affair. */
function hasOwnKernel({ examined }: Patient): boolean {
  return examined.container === undefined
}

const tunnelModules = {
  ipip: "ipip",
  ip6tnl: "ip6_tunnel",
  gre: "ip_gre",
  gue: "fou",
} as const

/** What to ask of modules on a host of these roles. */
export function modulesToAsk({
  state,
  tunnels,
}: {
  readonly state?: Director["state"]
  readonly tunnels: readonly (keyof typeof tunnelModules)[]
}): string[] {
  const own = tunnels.map((tunnel) => tunnelModules[tunnel])
  if (state === undefined) return own
  const schedulers = schedulersOf({ state }).map((scheduler) => `ip_vs_${scheduler}`)
  return ["ip_vs", "nf_conntrack", ...schedulers, ...own]
}

function schedulersOf({ state }: Pick<Director, "state">): string[] {
  return [...new Set(state.services.map(({ scheduler }) => scheduler))].sort()
}

/** Whether `6.1.0-13-amd64` is before a version. */
function isBefore(release: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = release.split(/[.-]/).map(Number)
  return a < major || (a === major && b < minor)
}

import type { RealServerView } from "../model/desired.ts"
import type { System } from "../model/system.ts"
import { systemView } from "./system-view.ts"

/** A UDP socket that receives gue; ip-fou(8). */
export interface TemplateGueSocket {
  readonly port: number
  readonly family: 4 | 6
  readonly module: "fou" | "fou6"
  /** The service that opens it, as the host's init calls it. */
  readonly unit: string
}

export interface TemplateRealServer {
  readonly vips: RealServerView["vips"]
  readonly tunnels: RealServerView["tunnels"]
  readonly gueSockets: readonly TemplateGueSocket[]
  /** The kernel's own receiving end of each kind of tunnel, made when its module is loaded. */
  readonly tunnelDevices: readonly { readonly module: string; readonly device: string }[]
  readonly boot: TemplateBoot
}

/** What sets up the VIPs of a real server when it boots, and after others configured the loopback anew; all null, false and empty without a VIP. */
export interface TemplateBoot {
  /** The service that does it, as the host's init calls it. */
  readonly unit: string | null
  readonly linux: boolean
  readonly freebsd: boolean
  readonly systemd: boolean
  readonly openrc: boolean
  readonly sysvinit: boolean
  readonly ifupdown: boolean
  readonly networkmanager: boolean
  /** The VIPs that systemd-networkd must know of, since it has a file for `lo`, by its name. */
  readonly networkd: readonly {
    readonly file: string
    readonly address: string
    readonly prefix: number
  }[]
}

/** What a real server shall be on a host of this system, in the form that templates see. */
export function realServerView(view: RealServerView, system: System): TemplateRealServer {
  const families = new Set(view.vips.map((vip) => vip.family))
  const devices = view.tunnels.flatMap((tunnel) => tunnelDevices(tunnel, families))
  const byDevice = new Map(devices.map((one) => [`${one.module} ${one.device}`, one]))
  return {
    vips: view.vips,
    tunnels: view.tunnels,
    gueSockets: (view.gueSockets ?? []).map((socket) => {
      const v6 = socket.family === 6 ? "6" : ""
      const unit = unitName(`lbctl-gue${v6}-${socket.port}`, system)
      return { ...socket, module: `fou${v6}`, unit } as const
    }),
    tunnelDevices: [...byDevice.values()],
    boot: boot(view, system),
  }
}

function boot({ vips }: RealServerView, system: System): TemplateBoot {
  const { linux, freebsd, systemd, openrc, sysvinit } = systemView(system)
  const { loopback } = system
  const held = vips.length > 0
  const onLoopback = vips.filter(({ device }) => device === "lo")
  return {
    unit: held ? unitName("lbctl-realserver", system) : null,
    linux: held && linux,
    freebsd: held && freebsd,
    systemd: held && systemd,
    openrc: held && openrc,
    sysvinit: held && sysvinit,
    ifupdown: onLoopback.length > 0 && loopback === "ifupdown",
    networkmanager: onLoopback.length > 0 && loopback === "networkmanager",
    networkd: loopback.endsWith(".network")
      ? onLoopback.map(({ address, prefix }) => ({ file: loopback, address, prefix }))
      : [],
  }
}

/** systemd's units have a type; rc(8) makes variables of its services' names, in which there is no hyphen. */
function unitName(service: string, { init }: System): string {
  if (init === "systemd") return `${service}.service`
  return init === "rc" ? service.replaceAll("-", "_") : service
}

/** Names of the modules and of the fallback devices they bring: net/ipv4/ipip.c, net/ipv6/ip6_tunnel.c, net/ipv4/ip_gre.c, net/ipv6/ip6_gre.c. */
function tunnelDevices(
  tunnel: RealServerView["tunnels"][number],
  families: ReadonlySet<4 | 6>,
): { module: string; device: string }[] {
  switch (tunnel) {
    case "ipip":
      return [{ module: "ipip", device: "tunl0" }]
    case "ip6tnl":
      return [{ module: "ip6_tunnel", device: "ip6tnl0" }]
    case "gre":
      return [
        ...(families.has(4) ? [{ module: "ip_gre", device: "gre0" }] : []),
        ...(families.has(6) ? [{ module: "ip6_gre", device: "ip6gre0" }] : []),
      ]
    case "gue":
      // What is in the envelope is an ipip packet again (net/netfilter/ipvs/ip_vs_xmit.c, ipvs_gue_encap).
      return [
        ...(families.has(4) ? [{ module: "ipip", device: "tunl0" }] : []),
        ...(families.has(6) ? [{ module: "ip6_tunnel", device: "ip6tnl0" }] : []),
      ]
  }
}

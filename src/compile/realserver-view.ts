import { family } from "../core/address.ts"
import type { RealServerView } from "../model/desired.ts"
import type { Fleet, VirtualService } from "../model/fleet.ts"
import type { Tunnel } from "../model/ipvs.ts"
import type { AddressOrder } from "./address-order.ts"

type TunnelDevice = RealServerView["tunnels"][number]

interface Holding {
  readonly services: Map<string, Set<string>>
  /** By VIP; only those that do not belong on the loopback. */
  readonly devices: Map<string, string>
  readonly tunnels: Set<TunnelDevice>
  readonly gueSockets: Map<string, NonNullable<RealServerView["gueSockets"]>[number]>
}

/**
 * What real servers must hold, by host: the VIPs of every service that reaches them with the VIP
 * as destination (dr, tun). Sorry servers of such services that are inventory hosts are among them.
 */
export function realServerViews(
  fleet: Fleet,
  order: AddressOrder,
): ReadonlyMap<string, RealServerView> {
  const holdings = new Map<string, Holding>()
  const hostByAddress = new Map(
    fleet.hosts.flatMap(({ name, addresses }) => addresses.map((text) => [text, name] as const)),
  )
  for (const service of fleet.services.filter(({ forwarding }) => forwarding !== "nat")) {
    for (const { host, addresses, tunnel } of service.backends)
      hold(holdings, host, service, addresses, tunnel)
    const sorry = service.sorryServer?.address
    const host = sorry === undefined ? undefined : hostByAddress.get(sorry)
    if (sorry === undefined || host === undefined) continue
    const tunnel = service.forwarding === "tun" ? ({ type: "ipip" } as const) : undefined
    hold(holdings, host, service, [sorry], tunnel)
  }
  return new Map([...holdings].map(([host, holding]) => [host, viewOf(holding, order)]))
}

function hold(
  holdings: Map<string, Holding>,
  host: string,
  service: VirtualService,
  addresses: readonly string[],
  tunnel: Tunnel | undefined,
): void {
  const families = addresses.map(family)
  const reached = service.vips.filter((vip) => families.includes(family(vip)))
  if (reached.length === 0) return
  const holding = holdings.get(host) ?? {
    services: new Map(),
    devices: new Map(),
    tunnels: new Set(),
    gueSockets: new Map(),
  }
  holdings.set(host, holding)
  for (const vip of reached) {
    holding.services.set(vip, (holding.services.get(vip) ?? new Set()).add(service.name))
    if (tunnel === undefined) continue
    holding.tunnels.add(tunnelDevice(tunnel, vip))
    if (tunnel.port !== undefined) {
      const socket = { port: tunnel.port, family: family(vip) === 4 ? 4 : 6 } as const
      holding.gueSockets.set(`${socket.port} ${socket.family}`, socket)
    }
    if (family(vip) === 4) holding.devices.set(vip, tunnel.type === "gre" ? "gre0" : "tunl0")
  }
}

function tunnelDevice(tunnel: Tunnel, vip: string): TunnelDevice {
  if (tunnel.type !== "ipip") return tunnel.type
  return family(vip) === 4 ? "ipip" : "ip6tnl"
}

/**
 * An IPv4 VIP that is reached through a tunnel stands on the tunnel's device: the kernel drops what comes out of a device
 * without any address, unless reverse path filtering is off altogether (net/ipv4/fib_frontend.c, __fib_validate_source, no_addr).
 */
function viewOf(
  { services, devices, tunnels, gueSockets }: Holding,
  order: AddressOrder,
): RealServerView {
  const vips = [...services.keys()]
    .sort((a, b) => order(a) - order(b))
    .map((address) => {
      const version = family(address) === 4 ? 4 : 6
      return {
        address,
        prefix: version === 4 ? 32 : 128,
        family: version,
        services: [...(services.get(address) ?? [])].sort(),
        device: devices.get(address) ?? "lo",
      } as const
    })
  const sockets = [...gueSockets.values()].sort((a, b) => a.port - b.port || a.family - b.family)
  return {
    vips,
    tunnels: [...tunnels].sort(),
    ...(sockets.length === 0 ? {} : { gueSockets: sockets }),
  }
}

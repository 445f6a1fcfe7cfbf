import { addressBytes, formatAddress } from "../core/address.ts"
import { err, ok, type Result } from "../core/result.ts"
import type {
  IpvsDestination,
  IpvsService,
  IpvsTable,
  KernelForwarding,
  ServiceKey,
} from "../model/ipvs.ts"

/** Names of ip_vs_fwd_name (include/net/ip_vs.h). */
const forwardings: Readonly<Record<string, KernelForwarding>> = {
  Masq: "nat",
  Local: "local",
  Tunnel: "tun",
  Route: "dr",
  Bypass: "bypass",
}

const endpoint = String.raw`(?:([0-9A-F]{8})|\[([0-9a-fA-F:.]+)\]):([0-9A-F]{4})`
const serviceLine = new RegExp(
  String.raw`^(?:(TCP|UDP|SCTP) +${endpoint}|FWM +([0-9A-F]{8})) +(\w+) *(ops )? *(?:persistent (\d+) ([0-9A-F]{8}))?\s*$`,
)
const serverLine = new RegExp(String.raw`^ +-> ${endpoint} +(\w+) +(-?\d+) +\d+ +\d+\s*$`)

type Draft = Omit<IpvsService, "destinations"> & { destinations: IpvsDestination[] }

/**
 * The text of /proc/net/ip_vs (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show): what can be known of the kernel's
 * table without netlink. Not in it: scheduler flags, thresholds, tunnel types. A persistence time stands there in jiffies;
 * `hz` is the kernel's CONFIG_HZ. The error is the first line that is none of the format.
 */
export function parseProcIpvs(text: string, hz: number): Result<IpvsTable, string> {
  const services: Draft[] = []
  for (const line of text.split("\n").slice(3)) {
    if (line === "") continue
    const last = services.at(-1)
    const server = serverLine.exec(line)
    const service = server === null ? parseService(line, hz) : undefined
    if (server !== null && last !== undefined) {
      const destination = parseServer(server)
      if (destination === undefined) return err(line)
      if (last.key.kind === "fwmark" && destination.address.includes(":"))
        services[services.length - 1] = { ...last, key: { ...last.key, family: 6 } }
      last.destinations.push(destination)
    } else if (service !== undefined) services.push(service)
    else return err(line)
  }
  return ok(services)
}

function parseService(line: string, hz: number): Draft | undefined {
  const match = serviceLine.exec(line)
  if (match === null) return undefined
  const [, protocol, v4, v6, port, mark, scheduler = "", ops, jiffies, mask] = match
  const key: ServiceKey =
    mark === undefined
      ? {
          kind: "address",
          protocol: protocol === "UDP" ? "udp" : protocol === "SCTP" ? "sctp" : "tcp",
          address: address(v4, v6),
          port: Number.parseInt(port ?? "0", 16),
        }
      : { kind: "fwmark", fwmark: Number.parseInt(mark, 16), family: 4 }
  const persistence =
    jiffies === undefined || mask === undefined
      ? {}
      : {
          persistence: {
            timeoutSeconds: Math.round(Number(jiffies) / hz),
            prefixLength: prefixLength(mask, v6 !== undefined),
          },
        }
  return {
    key,
    scheduler,
    flags: [],
    onePacket: ops !== undefined,
    ...persistence,
    destinations: [],
  }
}

function parseServer(match: RegExpExecArray): IpvsDestination | undefined {
  const [, v4, v6, port = "", word = "", weight] = match
  const forwarding = forwardings[word]
  if (forwarding === undefined) return undefined
  return {
    address: address(v4, v6),
    port: Number.parseInt(port, 16),
    forwarding,
    weight: Number(weight),
    upperThreshold: 0,
    lowerThreshold: 0,
  }
}

function address(v4: string | undefined, v6: string | undefined): string {
  if (v4 === undefined) return formatAddress(addressBytes(v6 ?? "::"))
  return formatAddress(
    Uint8Array.from([0, 2, 4, 6], (at) => Number.parseInt(v4.slice(at, at + 2), 16)),
  )
}

/** IPv4: a netmask; IPv6: the prefix length itself, in host order of a number that was never swapped. */
function prefixLength(mask: string, six: boolean): number {
  const value = Number.parseInt(mask, 16)
  if (!six) return value.toString(2).replaceAll("0", "").length
  return value <= 128 ? value : value >>> 24
}

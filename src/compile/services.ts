import { canonicalAddress, compareAddresses } from "../core/address.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { Forwarding, Tunnel } from "../model/ipvs.ts"
import type { Cluster as ClusterSource } from "../schema/clusters.gen.ts"
import type { Entry } from "../schema/entries.ts"
import { parseEndpoint } from "../schema/formats.ts"
import type { Service } from "../schema/services.gen.ts"
import { compileBackends } from "./backends.ts"
import { compileCheck } from "./check.ts"
import { milliseconds } from "./defaults.ts"
import { clusterDefaults, serviceDefaults } from "./defaults.ts"
import { compilePorts } from "./ports.ts"
import type { Scope } from "./scope.ts"

/** A service of services/*.yml with its references and defaults resolved. */
export function compileService(
  entry: Entry<Service>,
  cluster: ClusterSource,
  scope: Scope,
): VirtualService {
  const source = entry.value
  const forwarding = source.forwarding ?? cluster.forwarding ?? clusterDefaults.forwarding
  const ports = compilePorts(entry, scope)
  const ipvs = cluster.ipvs ?? clusterDefaults.ipvs
  // keepalived has no way to a real server through the VIP.
  const via = forwarding === "nat" || ipvs === "keepalived" ? "address" : "vip"
  const check = compileCheck(source.check, via, ports)
  const tunnel = compileTunnel(entry, forwarding, scope)
  const pool = { group: cluster.real_servers, forwarding, tunnel }
  return {
    name: entry.name,
    get at() {
      return entry.placeOfKey()
    },
    cluster: source.cluster,
    vips: compileVips(entry, scope),
    ports,
    ...(source.fwmark === undefined ? {} : { fwmark: source.fwmark }),
    scheduler: source.scheduler ?? serviceDefaults.scheduler,
    flags: [...(source.flags ?? [])].sort(),
    onePacket: source.one_packet ?? false,
    ...compilePersistence(source.persistence),
    forwarding,
    ...(check === undefined ? {} : { check }),
    quorum: {
      up: source.quorum?.up ?? serviceDefaults.quorumUp,
      hysteresis: source.quorum?.hysteresis ?? serviceDefaults.hysteresis,
    },
    ...compileWatermark(source.watermark),
    ...(source.all_down === "remove" ? { allDown: source.all_down } : {}),
    ...compileSorryServer(source.sorry_server),
    inhibitOnFailure: source.inhibit_on_failure ?? false,
    ...compileComing(source),
    // keepalived takes a removed real server out at once.
    drainTimeoutMs:
      ipvs === "keepalived"
        ? 0
        : milliseconds(source.drain_timeout, serviceDefaults.drainTimeoutMs),
    ...compilePrograms(source.keepalived),
    backends: compileBackends(entry, pool, scope),
  }
}

function compileVips(entry: Entry<Service>, scope: Scope): string[] {
  const vips = new Set<string>()
  const { vip } = entry.value
  for (const [index, text] of [vip].flat().entries()) {
    const address = canonicalAddress(text)
    if (vips.has(address))
      scope.report({
        rule: "vip-repeated",
        message: `${entry.name} lists the VIP ${address} twice`,
        at: entry.place("vip", index),
        hint: "remove one of them",
      })
    vips.add(address)
  }
  return [...vips].sort(compareAddresses)
}

function compilePersistence(source: Service["persistence"]): Pick<VirtualService, "persistence"> {
  if (source === undefined) return {}
  const { prefix4 = serviceDefaults.prefix4, prefix6 = serviceDefaults.prefix6, engine } = source
  const timeoutSeconds = milliseconds(source.timeout, 0) / 1000
  return {
    persistence: { timeoutSeconds, prefix4, prefix6, ...(engine === undefined ? {} : { engine }) },
  }
}

function compileWatermark(source: Service["watermark"]): Pick<VirtualService, "watermark"> {
  if (source === undefined) return {}
  const { low = serviceDefaults.watermarkLow, high = low } = source
  return { watermark: { low, high } }
}

/** How real servers come in. */
function compileComing(source: Service): Pick<VirtualService, "initial" | "slowStartMs"> {
  const { initial = "unknown" } = source
  const slowStartMs = milliseconds(source.slow_start, 0)
  return {
    ...(initial === "unknown" ? {} : { initial }),
    ...(slowStartMs === 0 ? {} : { slowStartMs }),
  }
}

function compilePrograms(source: Service["keepalived"]): Pick<VirtualService, "keepalived"> {
  if (source === undefined) return {}
  const { quorum_up: quorumUp, quorum_down: quorumDown, omega } = source
  const { notify_up: notifyUp, notify_down: notifyDown } = source
  return {
    keepalived: {
      ...(quorumUp === undefined ? {} : { quorumUp }),
      ...(quorumDown === undefined ? {} : { quorumDown }),
      ...(notifyUp === undefined ? {} : { notifyUp }),
      ...(notifyDown === undefined ? {} : { notifyDown }),
      ...(omega === true ? { omega } : {}),
    },
  }
}

function compileSorryServer(source: string | undefined): Pick<VirtualService, "sorryServer"> {
  const endpoint = source === undefined ? undefined : parseEndpoint(source)
  if (endpoint === undefined) return {}
  return { sorryServer: { ...endpoint, address: canonicalAddress(endpoint.address) } }
}

function compileTunnel(
  entry: Entry<Service>,
  forwarding: Forwarding,
  scope: Scope,
): Tunnel | undefined {
  const { tunnel } = entry.value
  if (tunnel === undefined) return forwarding === "tun" ? { type: "ipip" } : undefined
  const report = (message: string, hint: string) =>
    scope.report({ rule: "tunnel", message, at: entry.placeOfKey("tunnel"), hint })
  if (forwarding !== "tun") {
    report(
      `${entry.name} has a tunnel but forwards by ${forwarding}`,
      "write forwarding: tun, or remove the tunnel",
    )
    return undefined
  }
  if (tunnel.type === "gue" && tunnel.port === undefined)
    report(
      `the gue tunnel of ${entry.name} has no port`,
      "add the UDP port of the real servers' gue socket",
    )
  if (tunnel.type !== "gue" && tunnel.port !== undefined)
    report(`a tunnel of type ${tunnel.type} has no port`, "remove the port, or write type: gue")
  return tunnel
}

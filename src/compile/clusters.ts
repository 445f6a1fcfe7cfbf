import { quotedSuggestion } from "../core/suggestion.ts"
import { canonicalAddress, family } from "../core/address.ts"
import { compareText } from "../core/text.ts"
import type { Cluster, Director, Host } from "../model/fleet.ts"
import type { Cluster as ClusterSource } from "../schema/clusters.gen.ts"
import type { Entry } from "../schema/entries.ts"
import { compileAccess } from "./access.ts"
import { clusterDefaults, defaultAnchor, defaultPriority, milliseconds } from "./defaults.ts"
import { compileSysctls } from "./ipvs-sysctls.ts"
import { compileKeepalivedVrrp } from "./keepalived-vrrp.ts"
import { compileRollout } from "./rollout.ts"
import { hostNamed, membersOf } from "./scope.ts"
import type { Scope } from "./scope.ts"

/** A cluster of clusters.yml with its references resolved. */
export function compileCluster(entry: Entry<ClusterSource>, scope: Scope): Cluster {
  const { vrrp, connection_sync: sync, access } = entry.value
  const anchor = canonicalAddress(vrrp.anchor ?? defaultAnchor(vrrp.virtual_router_id))
  return {
    name: entry.name,
    get at() {
      return entry.placeOfKey()
    },
    directors: compileDirectors(entry, anchor, scope),
    ipvs: entry.value.ipvs ?? clusterDefaults.ipvs,
    vrrp: {
      driver: vrrp.driver ?? clusterDefaults.driver,
      virtualRouterId: vrrp.virtual_router_id,
      advertIntervalMs: milliseconds(vrrp.advert_int, clusterDefaults.advertIntervalMs),
      preempt: vrrp.preempt ?? clusterDefaults.preempt,
      unicast: vrrp.unicast ?? clusterDefaults.unicast,
      anchor,
      garpRefreshMs: milliseconds(vrrp.garp_master_refresh, clusterDefaults.garpRefreshMs),
      ...(vrrp.keepalived === undefined
        ? {}
        : { keepalived: compileKeepalivedVrrp(vrrp.keepalived, entry.name) }),
    },
    ...(sync === undefined ? {} : { connectionSync: compileSync(sync, vrrp.virtual_router_id) }),
    timeouts: compileTimeouts(entry.value.timeouts),
    ipvsSysctls: compileSysctls(entry.value.ipvs_sysctls),
    rollout: compileRollout(entry.value.rollout),
    ...(access === undefined ? {} : { access: compileAccess(access, entry.name) }),
  }
}

function compileSync(
  source: NonNullable<ClusterSource["connection_sync"]>,
  virtualRouterId: number,
): NonNullable<Cluster["connectionSync"]> {
  const { id = virtualRouterId, group, port, ttl, sync_maxlen: maxlen } = source
  return {
    interface: source.interface,
    id,
    ...(group === undefined ? {} : { group: canonicalAddress(group) }),
    ...(port === undefined ? {} : { port }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(maxlen === undefined ? {} : { maxlen }),
  }
}

function compileTimeouts(source: ClusterSource["timeouts"]): Cluster["timeouts"] {
  const seconds = (text: string): number => milliseconds(text, 0) / 1000
  const { tcp, tcp_fin: tcpFin, udp } = source ?? {}
  return {
    ...(tcp === undefined ? {} : { tcp: seconds(tcp) }),
    ...(tcpFin === undefined ? {} : { tcpFin: seconds(tcpFin) }),
    ...(udp === undefined ? {} : { udp: seconds(udp) }),
  }
}

/** Highest priority first, as VRRP elects. */
function compileDirectors(entry: Entry<ClusterSource>, anchor: string, scope: Scope): Director[] {
  const hosts = directorHosts(entry, scope)
  checkNames(entry, hosts, scope)
  return hosts
    .flatMap((host, index) =>
      compileDirector(entry, host, { index, count: hosts.length, anchor }, scope),
    )
    .sort((a, b) => b.priority - a.priority || compareText(a.host, b.host))
}

function directorHosts(entry: Entry<ClusterSource>, scope: Scope): readonly Host[] {
  const { directors } = entry.value
  if (typeof directors === "string")
    return membersOf(scope, directors, () => entry.place("directors")) ?? []
  return directors.flatMap(
    (name, index) => hostNamed(scope, name, () => entry.place("directors", index)) ?? [],
  )
}

function compileDirector(
  entry: Entry<ClusterSource>,
  host: Host,
  among: { readonly index: number; readonly count: number; readonly anchor: string },
  scope: Scope,
): Director[] {
  const { vrrp } = entry.value
  const device =
    typeof vrrp.interface === "string" ? vrrp.interface : ownValue(vrrp.interface, host.name)
  if (device === undefined)
    scope.report({
      rule: "director-interface",
      message: `no VRRP interface is given for the director ${host.name}`,
      at: entry.placeOfKey("vrrp", "interface"),
      hint: `add "${host.name}: eth0", or write one name for all directors`,
    })
  const address = host.addresses.find((text) => family(text) === family(among.anchor))
  if (address === undefined && host.addresses.length > 0)
    scope.report({
      rule: "director-address",
      message: `the director ${host.name} of ${entry.name} has no IPv${family(among.anchor)} address for VRRP`,
      at: host.at,
      hint: `add one to its lbctl_address, or choose an anchor of the family it has`,
    })
  if (device === undefined || address === undefined) return []
  const priority =
    ownValue(vrrp.priority ?? {}, host.name) ?? defaultPriority(among.index, among.count)
  return [{ host: host.name, interface: device, priority, address }]
}

/** A host may have the name of something that every object inherits. */
function ownValue<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** Keys of the maps from director to interface and priority must be directors. */
function checkNames(entry: Entry<ClusterSource>, hosts: readonly Host[], scope: Scope): void {
  if (hosts.length === 0) return
  const directors = hosts.map((host) => host.name)
  const { vrrp } = entry.value
  const maps = {
    interface: typeof vrrp.interface === "string" ? {} : vrrp.interface,
    priority: vrrp.priority,
  }
  for (const [map, byName] of Object.entries(maps))
    for (const name of Object.keys(byName ?? {}).filter((key) => !directors.includes(key)))
      scope.report({
        rule: "director-unknown",
        message: `"${name}" is no director of ${entry.name}`,
        at: entry.placeOfKey("vrrp", map, name),
        hint: quotedSuggestion(name, directors, `its directors are ${directors.join(", ")}`),
      })
}

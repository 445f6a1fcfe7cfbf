import { canonicalJson } from "../core/digest.ts"
import { groupBy } from "../core/group.ts"
import type { Problem, SourceRef } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import { vipsOf } from "../model/desired.ts"
import type { Cluster, Fleet, VirtualService } from "../model/fleet.ts"
import { keyFamily } from "../model/ipvs.ts"
import { desiredServices } from "./desired-services.ts"
import { fleetOrder } from "./fleet-order.ts"
import { markedPorts } from "./mark-matches.ts"

/** What each director that answered works by now; undefined: nothing yet. */
export type DirectorsNow = ReadonlyMap<string, readonly DesiredService[] | undefined>

/**
 * The fleet with the chosen services as they are defined, and every other service as its directors hold it now, so that what
 * follows from the fleet changes nothing else. Problems: tags, where the directors of any cluster cannot be asked, disagree about
 * such a service, or hold one that no definition can say: a real server may serve several clusters.
 * @param chosen names of services
 */
export function keepStanding(
  fleet: Fleet,
  chosen: ReadonlySet<string>,
  now: DirectorsNow,
): Result<Fleet, Problem[]> {
  const problems: Problem[] = []
  const standing = fleet.clusters.flatMap((cluster) => {
    const kept = standingOf(fleet, cluster, chosen, now)
    if (kept.ok) return kept.value
    problems.push(...kept.error)
    return []
  })
  if (problems.length > 0) return err(problems)
  const services = fleet.services.filter(({ name }) => chosen.has(name))
  return ok({ ...fleet, services: [...services, ...standing] })
}

function standingOf(
  fleet: Fleet,
  cluster: Cluster,
  chosen: ReadonlySet<string>,
  now: DirectorsNow,
): Result<VirtualService[], Problem[]> {
  if (!cluster.directors.some(({ host }) => now.has(host))) return err([unknown(cluster.name)])
  const held = cluster.directors.flatMap(({ host }) => {
    const services = now.get(host)
    const others = services?.filter((one) => one.cluster === cluster.name && !chosen.has(one.name))
    return others === undefined ? [] : [{ host, others }]
  })
  const [first] = held
  if (first === undefined) return ok([])
  const other = held.find(({ others }) => canonicalJson(others) !== canonicalJson(first.others))
  if (other !== undefined) return err([disagree(cluster.name, first.host, other.host)])
  const byName = groupBy(first.others, ({ name }) => name)
  const services = [...byName.values()].flatMap((same) => defined(same, cluster.at))
  const again = desiredServices({ ...fleet, services }, cluster, fleetOrder({ ...fleet, services }))
  if (canonicalJson(again) !== canonicalJson(first.others)) return err([foreign(cluster.name)])
  return ok(services)
}

/** The definition that kernel services of one name follow from: the reverse of `desiredServices`. */
function defined(same: readonly DesiredService[], at: SourceRef): VirtualService[] {
  const [first] = same
  if (first === undefined) return []
  const { name, cluster, scheduler, flags, onePacket, quorum, inhibitOnFailure } = first
  const check = same.find((one) => one.check !== undefined)?.check
  const sorry = same.find((one) => one.sorryServer !== undefined)?.sorryServer
  const forwarding = first.servers[0]?.forwarding ?? sorry?.forwarding ?? "dr"
  return [
    {
      name,
      at,
      cluster,
      vips: [...new Set(same.flatMap(vipsOf))],
      ports: portsOf(same),
      ...(first.key.kind === "fwmark" ? { fwmark: first.key.fwmark } : {}),
      scheduler,
      flags,
      onePacket,
      ...persistenceOf(same),
      forwarding,
      ...(check === undefined ? {} : { check }),
      quorum,
      ...(first.watermark === undefined ? {} : { watermark: first.watermark }),
      ...(first.allDown === undefined ? {} : { allDown: first.allDown }),
      ...(first.initial === undefined ? {} : { initial: first.initial }),
      ...(first.slowStartMs === undefined ? {} : { slowStartMs: first.slowStartMs }),
      ...(sorry === undefined ? {} : { sorryServer: { address: sorry.address, port: sorry.port } }),
      inhibitOnFailure,
      drainTimeoutMs: first.drainTimeoutMs,
      ...(first.keepalived === undefined ? {} : { keepalived: first.keepalived }),
      backends: backendsOf(same),
    },
  ]
}

function portsOf(same: readonly DesiredService[]): VirtualService["ports"] {
  const [first] = same
  if (first?.matches !== undefined) return markedPorts(first.matches)
  const keys = same.flatMap(({ key }) => (key.kind === "address" ? [key] : []))
  const ports = groupBy(keys, ({ port, protocol }) => `${port}/${protocol}`)
  return [...ports.values()].flatMap(([one]) =>
    one === undefined ? [] : [{ port: one.port, protocol: one.protocol }],
  )
}

function persistenceOf(same: readonly DesiredService[]): Pick<VirtualService, "persistence"> {
  const [first] = same
  if (first?.persistence === undefined) return {}
  const { timeoutSeconds, engine } = first.persistence
  const prefix = (version: 4 | 6) =>
    same.find(({ key }) => keyFamily(key) === version)?.persistence?.prefixLength
  return {
    persistence: {
      timeoutSeconds,
      prefix4: prefix(4) ?? 32,
      prefix6: prefix(6) ?? 128,
      ...(engine === undefined ? {} : { engine }),
    },
  }
}

function backendsOf(same: readonly DesiredService[]): VirtualService["backends"] {
  const servers = same.flatMap(({ key, servers: own }) =>
    own.map((server) => ({ server, remapped: key.kind === "address" && server.port !== key.port })),
  )
  const byHost = groupBy(servers, ({ server }) => server.host)
  return [...byHost.values()].flatMap((own) => {
    const [first] = own
    return first === undefined ? [] : [backendOf(own, first)]
  })
}

interface Served {
  readonly server: DesiredServer
  readonly remapped: boolean
}

function backendOf(own: readonly Served[], first: Served): VirtualService["backends"][number] {
  const { address: _address, port, ...server } = first.server
  return {
    ...server,
    addresses: [...new Set(own.map((one) => one.server.address))],
    ...(first.remapped ? { port } : {}),
  }
}

function unknown(cluster: string): Problem {
  return {
    rule: "tags",
    message: `no director of ${cluster} tells what its other services are, so they cannot stay as they are`,
    hint: "reach one of its directors, or apply without service tags",
  }
}

function disagree(cluster: string, one: string, other: string): Problem {
  return {
    rule: "tags",
    message: `${one} and ${other} hold other services of ${cluster} differently, so they cannot stay as they are`,
    hint: "bring the cluster to one state first: apply without service tags",
  }
}

function foreign(cluster: string): Problem {
  return {
    rule: "tags",
    message: `the directors of ${cluster} hold services that this definition cannot say again`,
    hint: "apply without service tags",
  }
}

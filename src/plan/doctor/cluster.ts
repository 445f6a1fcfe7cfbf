import { plural } from "../../core/text.ts"
import { keepalivedServices, type DesiredVrrp } from "../../model/desired.ts"
import { strangers } from "../director.ts"
import { planHost } from "../host.ts"
import type { Check, Director, Symptom, Ward } from "./check.ts"
import { directorsIn, each, hostsIn, isWhole } from "./check.ts"

/** keepalived reads the checkers' list once for each of them before 2.3.0 (acassen/keepalived#2318). */
const manyCheckers = 500
/** Clocks are told in whole seconds. */
const clockToleranceMs = 2000
/** Space for an activation with its backups and for the logs meanwhile, KiB. */
const leastDiskKib = 65_536

/** Who else programs IPVS, by the units they run as. */
export const otherOwners = ["ipvsadm", "ldirectord", "kube-proxy", "pulse", "piranha-gui"] as const

/** Directors among themselves, their daemons, and every host against its definition. */
export const clusterChecks: readonly Check[] = [
  {
    id: "V01",
    severity: "error",
    looksAt: "keepalived's version",
    why: "before 2.2.0 it reads a wrong file at a reload and drops real servers; before 2.3.0 many checkers make a reload slow",
    find: (ward) =>
      each(directorsIn(ward), (director) => {
        const version = director.input.observed.facts["keepalived"]
        const needed = neededVersion(director)
        return version === undefined || needed === undefined || !isOlder(version, needed)
          ? []
          : [
              {
                message: `keepalived is ${version}, and ${needed} is needed`,
                cure: "upgrade keepalived, or write driver: native and ipvs: native into the cluster",
              },
            ]
      }),
  },
  {
    id: "V06",
    severity: "error",
    looksAt: "who of a cluster's directors holds each VIP",
    why: "two holders share its clients by chance, and none is an outage; a keepalived that was killed leaves its VIPs up",
    find: (ward) => clusters(ward).flatMap((members) => wronglyHeld(ward, members)),
  },
  {
    id: "V10",
    severity: "warning",
    looksAt: "the clocks of a cluster's directors",
    why: "overrides expire and reloads meet by the clock of each",
    find: (ward) => clusters(ward).flatMap(clocksApart),
  },
  {
    id: "V11",
    severity: "error",
    looksAt: "other programs that write the IPVS table",
    why: "there is one table for all: ipvsadm.service empties it when it stops, and the others do as they like",
    find: (ward) =>
      each(directorsIn(ward), ({ host, examined }) =>
        otherOwners.flatMap((name) => {
          const unit = examined.units.get(name)
          return unit === undefined || !(unit.enabled || unit.running)
            ? []
            : [
                {
                  message: `${name} is ${unit.running ? "running" : "enabled"}`,
                  cure: `systemctl disable --now ${name} on ${host} (ipvsadm empties the table as it stops: mask it first and stop it at a quiet hour)`,
                },
              ]
        }),
      ),
  },
  {
    id: "I01",
    severity: "error",
    looksAt: "files, switches, addresses, units, the IPVS table and VRRP against the definition",
    why: "what was changed by hand or never applied is not what the definition says",
    find: (ward) =>
      each(hostsIn(ward), ({ host, input }) => {
        const changes = planHost(input).flatMap((plan) => plan.changes)
        const [first] = changes
        return first === undefined
          ? []
          : [
              {
                message: `differs from its definition in ${plural(changes.length, "point")}, first ${first.kind} ${first.subject}`,
                cure: ward.apply(host),
              },
            ]
      }),
  },
  {
    id: "I07",
    severity: "warning",
    looksAt: "services in the IPVS table that lbctl did not make",
    why: "what somebody left behind goes on to balance, and nobody checks its real servers",
    find: (ward) =>
      each(directorsIn(ward), ({ host, input: { view, observed } }) =>
        strangers(view, observed).map((service) => ({
          message: `virtual service ${service} is in the kernel and not lbctl's`,
          cure: `ipvsadm -D on ${host}, if nothing else owns it`,
        })),
      ),
  },
  {
    id: "A02",
    severity: "warning",
    looksAt: "free space in /var/lib",
    why: "an apply keeps what it replaces there, and refuses to begin without room",
    find: (ward) =>
      each(hostsIn(ward), ({ input: { observed } }) => {
        const free = Number(observed.facts["disk_free_kib"] ?? Number.NaN)
        return free < leastDiskKib
          ? [
              {
                message: `${Math.floor(free / 1024)} MiB are free in /var/lib`,
                cure: "make room there",
              },
            ]
          : []
      }),
  },
]

/** A director in one of its clusters. */
interface Member {
  readonly director: Director
  readonly vrrp: DesiredVrrp
}

/** The members of each cluster. */
function clusters(ward: Ward): Member[][] {
  const members = new Map<string, Member[]>()
  for (const director of directorsIn(ward))
    for (const vrrp of director.state.vrrp)
      members.set(vrrp.cluster, [...(members.get(vrrp.cluster) ?? []), { director, vrrp }])
  return [...members.values()]
}

/** The director whose clock is the furthest ahead, where that is more than can be told by looking. */
function clocksApart(members: readonly Member[]): Symptom[] {
  const sorted = members.toSorted((a, b) => clockOf(a) - clockOf(b))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) return []
  const aheadMs = clockOf(last) - clockOf(first)
  if (aheadMs <= clockToleranceMs) return []
  return [
    {
      host: hostOf(last),
      message: `its clock is ${Math.round(aheadMs / 1000)} s ahead of that of ${hostOf(first)}`,
      cure: "let NTP set both: timedatectl set-ntp true",
    },
  ]
}

function clockOf({ director }: Member): number {
  return director.examined.clockMs
}

/** The VIPs of a cluster that not just one director holds. */
function wronglyHeld(ward: Ward, members: readonly Member[]): Symptom[] {
  const vips = new Set(members.flatMap(({ vrrp }) => vrrp.vips))
  return [...vips].flatMap((vip) => {
    const [first, ...others] = members.filter((member) => holds(member, vip)).map(hostOf)
    if (first !== undefined && others.length === 0) return []
    if (first !== undefined)
      return [
        {
          host: first,
          message: `${[first, ...others].join(" and ")} both hold the VIP ${vip}`,
          cure: "systemctl restart keepalived on the one whose keepalived is dead; if both live, let VRRP (IP protocol 112) pass between them",
        },
      ]
    if (!members.every(({ vrrp }) => isWhole(ward, vrrp))) return []
    const hosts = members.map(hostOf)
    const cure = `systemctl status keepalived lbagent on ${hosts.join(" and ")}`
    return [{ host: hosts[0] ?? "", message: `no director holds the VIP ${vip}`, cure }]
  })
}

function holds({ director, vrrp }: Member, vip: string): boolean {
  return director.input.observed.addresses.some(
    (held) => held.address === vip && held.device === vrrp.interface,
  )
}

function hostOf({ director }: Member): string {
  return director.host
}

/** The version that what a director does needs; undefined where keepalived does nothing. */
function neededVersion({ state }: Director): string | undefined {
  const checked = keepalivedServices(state.services)
  const speaks = state.vrrp.some(({ driver }) => driver === undefined)
  if (checked.length === 0 && !speaks) return undefined
  const checkers = checked.reduce((sum, { servers }) => sum + servers.length, 0)
  return checkers > manyCheckers ? "2.3.0" : "2.2.0"
}

function isOlder(version: string, than: string): boolean {
  const [parts, limit] = [version, than].map((text) => text.split(".").map(Number))
  for (let at = 0; at < 3; at++) {
    const [a, b] = [parts?.[at] ?? 0, limit?.[at] ?? 0]
    if (a !== b) return a < b
  }
  return false
}

import { plural } from "../../core/text.ts"
import type { DesiredVrrp } from "../../model/desired.ts"
import { strangers } from "../director.ts"
import { planHost } from "../host.ts"
import type {
  Check,
  Director,
  EarlyDirector,
  EarlyPatient,
  EarlyWard,
  Symptom,
  Ward,
} from "./check.ts"
import { directorsIn, each, hostsIn, isWhole } from "./check.ts"

/** Clocks are told in whole seconds. */
const clockToleranceMs = 2000
/** Space for an activation with its backups and for the logs meanwhile, KiB. */
const leastDiskKib = 65_536

/** Who else programs IPVS, by the units they run as. */
export const otherOwners = ["ipvsadm", "ldirectord", "kube-proxy", "pulse", "piranha-gui"] as const

/** Directors among themselves, their daemons, and every host against its definition. */
export const clusterChecks: readonly Check[] = [
  {
    id: "V06",
    severity: "error",
    looksAt: "who of a cluster's directors holds each VIP",
    why: "two holders share its clients by chance, and none is an outage; a keepalived that was killed leaves its VIPs up",
    find: (ward) => [
      ...clusters(ward).flatMap(heldTwice),
      ...clusters(ward).flatMap((members) => heldByNobody(ward, members)),
    ],
    // That nobody holds a VIP is no news where it was never applied, and a guard where it was.
    early: (ward) => clusters(ward).flatMap(heldTwice),
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
interface Member<D extends EarlyDirector = EarlyDirector> {
  readonly director: D
  readonly vrrp: DesiredVrrp
  /** The addresses that it has on the interface of the cluster. */
  readonly held: ReadonlySet<string>
}

/** The members of each cluster. */
function clusters<P extends EarlyPatient>(ward: EarlyWard<P>): Member<P & EarlyDirector>[][] {
  const members = new Map<string, Member<P & EarlyDirector>[]>()
  for (const director of directorsIn(ward))
    for (const vrrp of director.state.vrrp) {
      const own = director.input.observed.addresses.filter(
        ({ device }) => device === vrrp.interface,
      )
      const member = { director, vrrp, held: new Set(own.map(({ address }) => address)) }
      members.set(vrrp.cluster, [...(members.get(vrrp.cluster) ?? []), member])
    }
  return [...members.values()]
}

/** The director whose clock is the furthest ahead, where that is more than can be told by looking. */
function clocksApart(members: readonly Member<Director>[]): Symptom[] {
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

function clockOf({ director }: Member<Director>): number {
  return director.examined.clockMs
}

function vipsOf(members: readonly Member[]): string[] {
  return [...new Set(members.flatMap(({ vrrp }) => vrrp.vips))]
}

function holdersOf(members: readonly Member[], vip: string): string[] {
  return members.filter(({ held }) => held.has(vip)).map(hostOf)
}

function heldTwice(members: readonly Member[]): Symptom[] {
  return vipsOf(members).flatMap((vip) => {
    const [first, ...others] = holdersOf(members, vip)
    if (first === undefined || others.length === 0) return []
    return [
      {
        host: first,
        message: `${[first, ...others].join(" and ")} both hold the VIP ${vip}`,
        cure: "systemctl restart keepalived on the one whose keepalived is dead; if both live, let VRRP (IP protocol 112) pass between them",
      },
    ]
  })
}

function heldByNobody(ward: Ward, members: readonly Member[]): Symptom[] {
  if (!members.every(({ vrrp }) => isWhole(ward, vrrp))) return []
  const hosts = members.map(hostOf)
  return vipsOf(members)
    .filter((vip) => holdersOf(members, vip).length === 0)
    .map((vip) => ({
      host: hosts[0] ?? "",
      message: `no director holds the VIP ${vip}`,
      cure: `systemctl status keepalived lbagent on ${hosts.join(" and ")}`,
    }))
}

function hostOf({ director }: Member): string {
  return director.host
}

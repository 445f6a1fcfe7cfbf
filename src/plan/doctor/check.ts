import type {
  DesiredServer,
  DesiredService,
  DesiredVrrp,
  DirectorState,
} from "../../model/desired.ts"
import type { Examination, Segment, Severity } from "../../model/doctor.ts"
import { isFreeBsd } from "../../model/system.ts"
import type { HostInput } from "../host.ts"

/** A host that was looked at. */
export interface Patient {
  readonly input: HostInput
  readonly examined: Examination
}

/** What a check found: where, what, and what to do. */
export interface Symptom {
  readonly host: string
  readonly message: string
  readonly cure: string
}

/** All hosts that were looked at, what directors hear on their segments, and how commands name hosts. */
export interface Ward {
  readonly patients: readonly Patient[]
  readonly segments: readonly Segment[]
  /** The command that brings a host to its definition. */
  readonly apply: (host: string) => string
}

/** A host as `lbctl plan` looks at it. */
export type EarlyPatient = Pick<Patient, "input">

/** Hosts as `lbctl plan` looks at them, or as the doctor does. */
export interface EarlyWard<P extends EarlyPatient = EarlyPatient> {
  readonly patients: readonly P[]
}

/** One thing the doctor looks for. */
export interface Check {
  /** As docs/doctor.md lists it; it never changes its meaning. */
  readonly id: string
  readonly severity: Severity
  readonly looksAt: string
  /** Why it matters, in one sentence. */
  readonly why: string
  readonly find: (ward: Ward) => readonly Symptom[]
  /** What of it `lbctl plan` and `lbctl apply` tell as well: what they see anyway and an apply does not mend. */
  readonly early?: (ward: EarlyWard) => readonly Symptom[]
}

interface Named {
  readonly host: string
}

/** A patient by its name. */
export type NamedPatient = Patient & Named

/** All patients, whatever they are. */
export function hostsIn<P extends EarlyPatient>({ patients }: EarlyWard<P>): (P & Named)[] {
  return patients.map((patient) => ({ ...patient, host: patient.input.view.host }))
}

interface Directing extends Named {
  readonly state: DirectorState
}

/** A director and its desired state. */
export type Director = Patient & Directing
export type EarlyDirector = EarlyPatient & Directing

/** The directors among the patients. */
export function directorsIn<P extends EarlyPatient>(ward: EarlyWard<P>): (P & Directing)[] {
  return hostsIn(ward).flatMap((patient) => {
    const { director } = patient.input.view
    return director === undefined ? [] : [{ ...patient, state: director }]
  })
}

interface Serving extends Named {
  readonly view: NonNullable<HostInput["view"]["realserver"]>
}

/** A host that holds VIPs for its own services. */
export type RealServer = Patient & Serving
export type EarlyRealServer = EarlyPatient & Serving

/**
 * The real servers of dr and tun among the patients, as far as they run Linux, whose switches and words the checks are about;
 * directors, whose VIPs are another matter, are not among them.
 */
export function realServersIn<P extends EarlyPatient>(ward: EarlyWard<P>): (P & Serving)[] {
  return hostsIn(ward).flatMap((patient) => {
    const { director, realserver, system } = patient.input.view
    return realserver === undefined || director !== undefined || isFreeBsd(system ?? {})
      ? []
      : [{ ...patient, view: realserver }]
  })
}

/** Whether all directors of a cluster were looked at: only then is it known who is none of them. */
export function isWhole(
  { patients }: EarlyWard,
  { directors }: Pick<DesiredVrrp, "directors">,
): boolean {
  return directors.every((name) => patients.some(({ input }) => input.view.host === name))
}

/** The symptoms of one kind of host, each with the host's name. */
export function each<T extends { readonly host: string }>(
  hosts: readonly T[],
  find: (host: T) => readonly Omit<Symptom, "host">[],
): Symptom[] {
  return hosts.flatMap((one) => find(one).map((symptom) => ({ host: one.host, ...symptom })))
}

/** The real servers of a director that it reaches in a way. */
export function serversBy(
  { services }: Pick<DirectorState, "services">,
  forwarding: DesiredServer["forwarding"],
): { readonly service: DesiredService; readonly server: DesiredServer }[] {
  return services.flatMap((service) =>
    service.servers
      .filter((server) => server.forwarding === forwarding)
      .map((server) => ({ service, server })),
  )
}

/** A switch of the kernel's as a number; undefined where the kernel has none. */
export function switchOf({ switches }: Examination, path: string): number | undefined {
  const value = switches.get(path)
  return value === undefined ? undefined : Number(value)
}

/**
 * What counts of a switch for packets that come in by an interface: the larger of `all` and the interface's own
 * (include/linux/inetdevice.h, IN_DEV_MAXCONF).
 */
export function effective(examined: Examination, name: string, device: string): number {
  const of = (whose: string): number => switchOf(examined, `net/ipv4/conf/${whose}/${name}`) ?? 0
  return Math.max(of("all"), of(device))
}

import { canonicalJson } from "../core/digest.ts"
import { plural } from "../core/text.ts"
import type { Change, Notice } from "../model/plan.ts"
import { overrideNotices } from "./fleet.ts"
import { planHost, type HostInput } from "./host.ts"
import { changeLines } from "./text.ts"

/** How one host differs from the release it confirmed, and that from the definition. */
export interface HostDrift {
  readonly host: string
  /** None where lbctl never was. */
  readonly release?: string
  /** What would bring the host back to its release. */
  readonly drift: readonly Change[]
  /** What the definition has changed since, and no apply has brought to the host. */
  readonly notApplied: readonly Change[]
  /** Set at run time by operators: no drift. */
  readonly overrides: readonly Notice[]
}

/**
 * Compares three things: what a host holds, what its confirmed release says, and what the definition says. `released` is
 * the host's release beside what the host holds; left out where it has none.
 */
export function hostDrift(defined: HostInput, released: HostInput | undefined): HostDrift {
  const { host } = defined.observed
  const planned = changesOf(defined)
  if (released === undefined)
    return { host, drift: [], notApplied: planned, overrides: overrideNotices(defined.observed) }
  const drift = changesOf(released)
  const known = new Set(drift.map(canonicalJson))
  return {
    host,
    release: released.bundle.id,
    drift,
    notApplied:
      released.bundle.id === defined.bundle.id
        ? []
        : planned.filter((change) => !known.has(canonicalJson(change))),
    overrides: overrideNotices(released.observed),
  }
}

function changesOf(input: HostInput): Change[] {
  return planHost(input).flatMap((plan) => plan.changes)
}

/** For people: first what drifted, then what was not applied yet, then what operators have set. */
export function driftText(hosts: readonly HostDrift[]): string {
  const drifted = hosts.filter(({ drift }) => drift.length > 0)
  const waiting = hosts.filter(({ notApplied }) => notApplied.length > 0)
  const overrides = hosts.flatMap((host) => host.overrides)
  return [
    ...drifted.map(({ host, release = "", drift }) =>
      block(`${host}  differs from its release ${release.slice(0, 12)}; to set it right:`, drift),
    ),
    ...waiting.map(({ host, notApplied }) =>
      block(`${host}  not yet applied, no drift:`, notApplied),
    ),
    ...(overrides.length === 0
      ? []
      : [["Set at run time, no drift:", ...overrides.map(overrideLine)].join("\n")]),
    summary(hosts, drifted.length, waiting.length),
  ].join("\n\n")
}

function block(title: string, changes: readonly Change[]): string {
  return [title, ...changes.flatMap(changeLines)].join("\n")
}

function overrideLine({ host, message }: Notice): string {
  return `  ${host === undefined ? "" : `${host}: `}${message}`
}

function summary(hosts: readonly HostDrift[], drifted: number, waiting: number): string {
  const rest = waiting === 0 ? "" : ` ${plural(waiting, "host")} to apply.`
  if (drifted > 0) return `Drift: ${drifted} of ${plural(hosts.length, "host")}.${rest}`
  return `No drift on ${plural(hosts.length, "host")}.${rest}`
}

import type { Bundle } from "../model/bundle.ts"
import type { HostView } from "../model/desired.ts"
import type { Change, HostPlan, Notice, Operation, Phase } from "../model/plan.ts"
import type { Observed, Owned } from "../model/observed.ts"
import { planAddresses, planAddressRemovals } from "./addresses.ts"
import { installChanges, planInstall } from "./agent.ts"
import { planDirector } from "./director.ts"
import { planFileRemovals, planFiles } from "./files.ts"
import { missingInterfaces } from "./guards.ts"
import { handlerOperations } from "./handlers.ts"
import {
  missingModules,
  planLinkRemovals,
  planLinks,
  planModules,
  planSysctlRestores,
  planSysctls,
} from "./kernel.ts"
import type { Planned } from "./planned.ts"
import { withReloads } from "./reloads.ts"
import { planUnitRemovals, planUnits } from "./units.ts"

/** What one host shall be and what it is. */
export interface HostInput {
  readonly view: HostView
  readonly bundle: Bundle
  readonly observed: Observed
  /** The cluster it takes its turn in, and that cluster's directors. */
  readonly cluster?: string
  readonly directors: readonly string[]
  /** When planning, ISO 8601: overrides and drains that are over by then do not count. */
  readonly now: string
}

/** Owned when lbctl never was on a host. */
export const ownsNothing: Owned = { files: [], sysctls: [], addresses: [], units: [], linksUp: [] }

/** Why nothing can be done on this host. */
export function blockedHost(input: HostInput): Notice[] {
  const { bundle, observed, view } = input
  return [
    ...missingModules(bundle, observed),
    ...bundle.requires
      .filter((required) => observed.commands[required.command] !== true)
      .map((required) => ({
        host: observed.host,
        message: `the command ${required.command} is missing`,
        hint: required.hint,
      })),
    ...(view.director === undefined ? [] : missingInterfaces(view.director, observed)),
  ]
}

/**
 * The changes of one host, in one or two phases: what a real server gains comes before the directors change,
 * what it loses comes after they have drained it.
 */
export function planHost(input: HostInput): HostPlan[] {
  const { observed, view } = input
  if (view.director !== undefined)
    return collect(input, directorPhase(input), { ...gains(input), removals: losses(input) })
  const leaving = observed.owned.files.includes(agentStatePath)
  if (leaving) return collect(input, "teardown", { ...gains(input), removals: losses(input) })
  const gained = gains(input)
  const lost = losses(input)
  if (lost.length > 0 && !takesEffectAtOnce(gained)) {
    return collect(input, "lose", { ...gained, removals: lost })
  }
  return [
    ...collect(
      input,
      "gain",
      { ...gained, removals: [] },
      lost.length > 0 ? observed.owned : ownsNothing,
    ),
    ...collect(input, "lose", {
      install: undefined,
      additions: [],
      agentChanges: [],
      removals: lost,
      handlers: [],
    }),
  ]
}

/** Files that nobody is told about count from the next boot on: a host that only loses VIPs gets them in the same step. */
function takesEffectAtOnce({ additions, handlers }: Omit<Parts, "removals">): boolean {
  return handlers.length > 0 || additions.some((planned) => planned.change.kind !== "file")
}

/** Where a director's desired state lies. */
export const agentStatePath = "/etc/lbctl/agent.json"

interface Parts {
  readonly install: HostPlan["install"]
  readonly additions: readonly Planned[]
  /** IPVS and VRRP: done by handlers, shown one by one. */
  readonly agentChanges: readonly Change[]
  readonly removals: readonly Planned[]
  readonly handlers: readonly Operation[]
}

function gains(input: HostInput): Omit<Parts, "removals"> {
  const { bundle, observed } = input
  const files = planFiles(bundle, observed)
  const units = planUnits(bundle, observed)
  const paths = (planned: readonly Planned[]): string[] =>
    planned.map((item) => item.change.subject)
  const director = planDirector(input.view, observed, input.now)
  return {
    install: planInstall(bundle, observed),
    additions: [
      ...planModules(bundle, observed),
      ...planSysctls(bundle, observed),
      ...planLinks(bundle, observed),
      ...files,
      ...planAddresses(bundle, observed),
      ...units,
    ],
    agentChanges: director.changes,
    handlers: handlerOperations(bundle, {
      changed: director.drift ? [...paths(files), agentStatePath] : paths(files),
      first: paths(files.filter((planned) => planned.change.action === "add")),
      started: paths(units.filter((planned) => planned.operation?.op === "unit-start")),
    }),
  }
}

/** Undone in the reverse order of doing. */
function losses(input: HostInput): Planned[] {
  const { bundle, observed } = input
  return [
    ...planUnitRemovals(bundle, observed),
    ...planAddressRemovals(bundle, observed),
    ...planFileRemovals(bundle, observed),
    ...planLinkRemovals(bundle, observed),
    ...planSysctlRestores(bundle, observed),
  ]
}

function collect(
  input: HostInput,
  phase: Phase,
  parts: Parts,
  retains: Owned = ownsNothing,
): HostPlan[] {
  const { bundle, observed } = input
  const planned = [...parts.additions, ...parts.removals]
  const changes = [
    ...installChanges(parts.install),
    ...planned.map((item) => item.change),
    ...parts.agentChanges,
  ]
  const operations = [
    ...planned.flatMap((item) => (item.operation === undefined ? [] : [item.operation])),
    ...parts.handlers,
  ]
  if (changes.length === 0 && operations.length === 0) return []
  return [
    {
      host: observed.host,
      phase,
      ...(input.cluster === undefined ? {} : { cluster: input.cluster }),
      release: bundle.id,
      changes,
      operations: withReloads(operations),
      gainedVips: phase === "gain" ? gainedVips(parts.additions) : [],
      awaitDrained: [],
      directors: input.directors,
      dependsOn: [],
      ...(parts.install === undefined ? {} : { install: parts.install }),
      retains,
    },
  ]
}

function gainedVips(additions: readonly Planned[]): string[] {
  return additions
    .filter((planned) => planned.change.kind === "address")
    .map((planned) => planned.change.subject.replace(/\/\d+$/, ""))
}

/** Masters change last; who holds the anchor, the present one or the new, is one. */
function directorPhase(input: HostInput): Phase {
  const { observed, view } = input
  const instances = [...(view.director?.vrrp ?? []), ...(observed.agent?.desired?.vrrp ?? [])]
  const anchors = instances.map((instance) => instance.anchor)
  return observed.addresses.some((held) => anchors.includes(held.address)) ? "master" : "backup"
}

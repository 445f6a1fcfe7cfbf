import { compareText, plural } from "../core/text.ts"
import { phases, type Guard, type HostPlan, type Notice, type Plan } from "../model/plan.ts"
import { serviceName, destinationName } from "../model/ipvs.ts"
import { holderWords } from "../model/lock.ts"
import type { Override } from "../model/override.ts"
import { actionWords, authorWords, liftingCommand, scopeName } from "../model/override.ts"
import type { DirectorState } from "../model/desired.ts"
import type { Observed } from "../model/observed.ts"
import { masterless, usedElsewhere } from "./cluster-guards.ts"
import { strangers } from "./director.ts"
import { missingRoom } from "./disk.ts"
import { earlyNotices } from "./doctor/early.ts"
import { losingServices, unconnectedVips, weightlessServices } from "./guards.ts"
import { withDependencies } from "./dependencies.ts"
import { blockedHost, planHost, type HostInput } from "./host.ts"
import { keepalivedNotices, tablesTakenDown } from "./keepalived.ts"
import { lagging } from "./override-lag.ts"
import { slotOf } from "./override-records.ts"
import { isInForce } from "./overrides.ts"
import { pairAtomic } from "./vrrp.ts"

/** A host that did not answer. */
export interface Unreachable {
  readonly host: string
  readonly message: string
  readonly hint?: string
}

/**
 * All hosts' plans in the order of the rollout, and what speaks against them.
 * @param known warnings of hosts that are not among the inputs.
 * @param unmanaged names of hosts that serve, and that lbctl does not log in to.
 */
export function planFleet(
  inputs: readonly HostInput[],
  unreachable: readonly Unreachable[],
  known: readonly Notice[] = [],
  unmanaged: readonly string[] = [],
): Plan {
  const planned = inputs.map((input) => ({ input, plans: planHost(input) }))
  const blocked = planned.flatMap(({ input, plans }) => [
    ...blockedHost(input),
    ...(plans.length === 0 ? [] : missingRoom(input.bundle, input.observed)),
  ])
  const blockedHosts = new Set(blocked.map((notice) => notice.host))
  const plans = planned.flatMap((one) => one.plans).filter(({ host }) => !blockedHosts.has(host))
  const changed = new Set(plans.map((plan) => plan.host))
  return {
    hosts: order(
      plans.map((plan) => withDependencies(withDrains(plan, inputs), inputs)),
      inputs,
    ),
    unchanged: inputs
      .map((input) => input.observed.host)
      .filter((host) => !changed.has(host) && !blockedHosts.has(host)),
    unreachable,
    ...(unmanaged.length === 0 ? {} : { unmanaged }),
    blocked,
    guards: distinct([
      ...inputs.flatMap(guardsOf),
      ...usedElsewhere(inputs),
      ...masterless(plans, inputs),
    ]),
    warnings: [
      ...inputs.flatMap(warningsOf),
      ...earlyNotices(inputs),
      ...lagNotices(inputs),
      ...known,
    ],
  }
}

/** Whether applying the plan would do anything. */
export function hasChanges(plan: Plan): boolean {
  return plan.hosts.length > 0
}

/**
 * Hosts that directors still balance to, or share VRRP with, and that the definition no longer names:
 * they may hold VIPs that nothing else would take away.
 */
export function departedHosts(
  present: ReadonlySet<string>,
  observed: readonly Observed[],
): string[] {
  const named = observed.flatMap(({ agent }) => [
    ...(agent?.desired?.services ?? []).flatMap((service) =>
      service.servers.map((server) => server.host),
    ),
    ...(agent?.desired?.vrrp ?? []).flatMap((instance) => instance.directors),
  ])
  return [...new Set(named)].filter((host) => !present.has(host)).sort()
}

function order(plans: readonly HostPlan[], inputs: readonly HostInput[]): HostPlan[] {
  const priority = (host: string): number => {
    const view = inputs.find((input) => input.observed.host === host)?.view
    return Math.max(0, ...(view?.director?.vrrp ?? []).map((instance) => instance.priority))
  }
  const rank = new Map(
    plans.map((plan) => [plan, [phases.indexOf(plan.phase), -priority(plan.host)] as const]),
  )
  return [...plans].sort((a, b) => {
    const [phaseA = 0, priorityA = 0] = rank.get(a) ?? []
    const [phaseB = 0, priorityB = 0] = rank.get(b) ?? []
    return (
      phaseA - phaseB ||
      compareText(a.cluster ?? "", b.cluster ?? "") ||
      priorityA - priorityB ||
      compareText(a.host, b.host)
    )
  })
}

/** A real server gives up its VIPs only after every director has let go of it. */
function withDrains(plan: HostPlan, inputs: readonly HostInput[]): HostPlan {
  if (plan.phase !== "lose") return plan
  const pairs = inputs.flatMap((input) => leavingServers(input, plan.host))
  // All of a cluster's: one that is out of this run may still send to it.
  const directors = inputs
    .filter((input) => leavingServers(input, plan.host).length > 0)
    .flatMap((input) => input.directors)
  return {
    ...plan,
    directors: [...new Set([...plan.directors, ...directors])],
    awaitDrained: distinct(pairs),
  }
}

function leavingServers(input: HostInput, host: string): { service: string; server: string }[] {
  const wanted = keysOf(input.view.director)
  return (input.observed.agent?.desired?.services ?? []).flatMap((service) =>
    service.servers
      .filter((server) => server.host === host)
      .map((server) => ({ service: serviceName(service.key), server: destinationName(server) }))
      .filter((pair) => !wanted.has(`${pair.service} ${pair.server}`)),
  )
}

function keysOf(state: DirectorState | undefined): Set<string> {
  return new Set(
    (state?.services ?? []).flatMap((service) =>
      service.servers.map((server) => `${serviceName(service.key)} ${destinationName(server)}`),
    ),
  )
}

function guardsOf(input: HostInput): Guard[] {
  const { view, observed } = input
  if (view.director === undefined) return []
  const actual = observed.agent?.desired
  return [
    ...unconnectedVips(view.director, observed),
    ...(actual === undefined ? [] : losingServices(view.director, actual, observed.host)),
    ...weightlessServices(view.director, actual, input),
    ...(actual === undefined ? [] : tablesTakenDown(view.director, actual, observed.host)),
  ]
}

function warningsOf({ view, observed }: HostInput): Notice[] {
  const host = observed.host
  const transaction = observed.transaction
  return [
    ...(transaction === undefined
      ? []
      : [
          {
            host,
            message: `release ${transaction.release.slice(0, 12)} by ${transaction.by} since ${transaction.since} was never confirmed`,
            hint: "the node reverts it by itself; the next apply does so at once and starts from there",
          },
        ]),
    ...lockNotices(observed),
    ...(observed.lastResult === undefined
      ? []
      : [{ host, message: `the last activation: ${shortened(observed.lastResult)}` }]),
    ...overrideNotices(observed),
    ...slowStartNotices(observed),
    ...agentTrouble(observed),
    ...strangerNotices(view, observed),
    ...keepalivedNotices(view, observed),
    ...pairAtomic(host, view.director?.vrrp ?? [], observed.agent?.desired?.vrrp ?? []),
  ]
}

/** What is in a kernel and nobody of lbctl put there. */
function strangerNotices(view: HostInput["view"], observed: Observed): Notice[] {
  return strangers(view, observed).map((service) => ({
    host: observed.host,
    message: `virtual service ${service} is in the kernel and not lbctl's: left alone`,
    hint: "when nothing else owns it, remove it with ipvsadm -D",
  }))
}

/** What operators set at run time, and what lifts it. */
export function overrideNotices({ host, agent }: Observed): Notice[] {
  return (agent?.overrides ?? []).map((override) => ({
    host,
    message: `${scopeName(override)} is ${actionWords(override)} ${authorWords(override)}`,
    hint: `lbctl ${liftingCommand(override)}`,
  }))
}

/** Directors that were not told all that their peers were: unreachable then, or new. */
function lagNotices(inputs: readonly HostInput[]): Notice[] {
  const directors = inputs.filter(({ view }) => view.director !== undefined)
  const books = directors.map(({ observed: { host, agent }, directors: peers }) => ({
    director: host,
    peers,
    records: [...(agent?.overrides ?? []), ...(agent?.pastOverrides ?? [])],
  }))
  const behind = lagging(books)
  return directors.flatMap(({ observed: { host, agent }, now }) =>
    (behind.get(host) ?? [])
      .filter((record) => isInForce(record, now) || stands(record, agent?.overrides ?? []))
      .map((record) => ({
        host,
        message: `was not told that ${scopeName(record)} is ${record.lifted ? "no longer " : ""}${actionWords(record)}, by ${record.by} since ${record.since}`,
        hint: "the next apply tells it, or any of lbctl drain, resume, disable, enable, weight on its services",
      })),
  )
}

function stands(record: Override, inForce: readonly Override[]): boolean {
  return inForce.some((other) => slotOf(other) === slotOf(record))
}

/** Weights that grow by themselves: a plan that shows no difference should say why they are not the defined ones. */
function slowStartNotices({ host, agent }: Observed): Notice[] {
  const until = (agent?.health ?? []).flatMap(({ slowStart }) =>
    slowStart === undefined ? [] : [slowStart.until],
  )
  const last = until.sort().at(-1)
  if (last === undefined) return []
  const message = `${plural(until.length, "real server")} in slow start, with less than the defined weight until ${last} at the latest`
  return [{ host, message }]
}

/** Who an apply would have to wait for. */
function lockNotices({ host, lease, hold }: Observed): Notice[] {
  const hint = "an apply would be refused until it is given back (--lock-wait waits for runs)"
  return [...(lease === undefined ? [] : [lease]), ...(hold === undefined ? [] : [hold])].map(
    (holder) => ({ host, message: `locked by ${holderWords(holder)}`, hint }),
  )
}

/** An agent that cannot be asked hides health, drains and what it made: the plan then shows the bare table. */
function agentTrouble({ host, facts }: Observed): Notice[] {
  const words = facts["agent_error"]
  if (words === undefined) return []
  return [
    {
      host,
      message: `lbagent could not be asked: ${words}`,
      hint: `on ${host}: journalctl -u lbagent`,
    },
  ]
}

/** Releases by the first twelve digits of their name, as everywhere. */
function shortened(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1")
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

import { homedir, userInfo } from "node:os"
import { membershipOf, type Membership } from "../compile/membership.ts"
import { canonicalJson, sha256 } from "../core/digest.ts"
import { Failure } from "../core/failure.ts"
import { formatProblem, type Problem } from "../core/problem.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Event } from "../model/event.ts"
import type { Fleet, Host } from "../model/fleet.ts"
import type { Observed } from "../model/observed.ts"
import type { Notice } from "../model/plan.ts"
import { systemOf, type System } from "../model/system.ts"
import { isUnmanaged, unmanagedServers } from "../model/unmanaged.ts"
import { departedHosts, type Unreachable } from "../plan/fleet.ts"
import type { HostInput } from "../plan/host.ts"
import { openConnector } from "../push/connector.ts"
import { openNodePool, type NodePool } from "../push/node-pool.ts"
import { observeAll } from "../push/observe-all.ts"
import { isAnswered, observeRequest, observeScript } from "../wire/observe-request.ts"
import { doctorScript, lockScript, nodeScript } from "./assets.ts"
import { chosenConnections } from "./connections.ts"
import type { Definition } from "./pipeline.ts"
import { terminalPrompter } from "./prompter.ts"
import { openLookSink } from "./sink.ts"
import { otherSystems, withSystems } from "./systems.ts"
import { openTracing } from "./tracing.ts"

/** Hosts looked at or changed at once. */
export const parallelHosts = 32

/** What the chosen hosts shall be and are. */
export interface Contacted {
  /** What was asked for, in the form that fits the systems of the hosts that answered. */
  readonly definition: Definition
  readonly inputs: readonly HostInput[]
  readonly unreachable: readonly Unreachable[]
  /** Names of chosen hosts that serve, and that lbctl does not log in to. */
  readonly unmanaged: readonly string[]
  /** Of no host that was looked at: hosts that left without a teardown. */
  readonly warnings: readonly Notice[]
}

/** Looks at the chosen hosts, showing progress, and does `work` with what they hold while their connections are open. */
export async function withContacted<T>(
  definition: Definition,
  hosts: ReadonlySet<string>,
  json: boolean,
  work: (contacted: Contacted, pool: NodePool) => Promise<T>,
): Promise<T> {
  return withPool(definition.fleet, async (pool) =>
    work(await contactShown(definition, hosts, json, pool), pool),
  )
}

/** Looks at the chosen hosts, showing progress. */
export async function contactShown(
  definition: Definition,
  hosts: ReadonlySet<string>,
  json: boolean,
  pool: NodePool,
): Promise<Contacted> {
  const sink = await openLookSink(
    json,
    [...definition.bundles.keys()].filter((host) => hosts.has(host)),
  )
  try {
    return await contact(definition, hosts, pool, sink.emit)
  } finally {
    await sink.close()
  }
}

/** Does `work` with connections to the hosts that lbctl manages, which are opened when first needed. */
export async function withPool<T>(fleet: Fleet, work: (pool: NodePool) => Promise<T>): Promise<T> {
  const pool = await openPool(fleet)
  try {
    return await work(pool)
  } finally {
    pool.close()
  }
}

async function openPool(fleet: Fleet): Promise<NodePool> {
  const agentSocket = process.env["SSH_AUTH_SOCK"]
  const prompter = terminalPrompter()
  const user = userInfo().username
  const connector = openConnector({
    home: homedir(),
    user,
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(prompter === undefined ? {} : { prompter }),
  })
  const scripts = {
    observeScript: observeScript(nodeScript()),
    lockScript: lockScript(),
    doctorScript: doctorScript(),
  }
  const connections = await chosenConnections(fleet.hosts.filter((host) => !isUnmanaged(host)))
  return openNodePool(connector, connections, scripts, openTracing(user))
}

/**
 * Looks at the chosen hosts, one command each; again at those whose system is another than they were taken for; then at hosts
 * that directors still know and the definition does not, since they may hold VIPs nobody else would take away.
 */
export async function contact(
  asked: Definition,
  hosts: ReadonlySet<string>,
  pool: NodePool,
  emit: (event: Event) => void,
): Promise<Contacted> {
  const { definition, first } = await lookFitting(asked, hosts, pool, emit)
  const { fleet, bundles } = definition
  const present = [...bundles.keys(), ...fleet.hosts.filter(isUnmanaged).map(({ name }) => name)]
  const departed = departedHosts(new Set(present), [...first.observed.values()])
  const known = departed.filter(
    (name) => hosts.has(name) && fleet.hosts.some((host) => host.name === name),
  )
  const second = await look(known.map(emptyBundle), pool, emit)
  const lost = departed.filter((name) => !fleet.hosts.some((host) => host.name === name))
  const all = [...chosenBundles(definition, hosts), ...known.map(emptyBundle)]
  const observed = new Map([...first.observed, ...second.observed])
  const failures = new Map([...first.failures, ...second.failures])
  return {
    definition,
    inputs: all.flatMap((bundle) => {
      const seen = observed.get(bundle.host)
      return seen === undefined ? [] : [hostInput(definition, bundle, seen)]
    }),
    unreachable: all.flatMap(({ host }) => {
      const failure = failures.get(host)
      if (failure === undefined) return []
      const { message, hint } = failure
      return [{ host, message, ...(hint === undefined ? {} : { hint }) }]
    }),
    unmanaged: unmanagedServers(fleet)
      .map(({ name }) => name)
      .filter((name) => hosts.has(name)),
    warnings: lost.map(leftBehind),
  }
}

type Looked = Awaited<ReturnType<typeof look>>

/** What hosts hold is asked for by what they shall hold, which depends on their system: that is known once they have answered. */
async function lookFitting(
  asked: Definition,
  hosts: ReadonlySet<string>,
  pool: NodePool,
  emit: (event: Event) => void,
): Promise<{ definition: Definition; first: Looked }> {
  const first = await look(chosenBundles(asked, hosts), pool, emit)
  const found = otherSystems(asked, toldBy(asked, first))
  if (found.size === 0) return { definition: asked, first }
  const fitting = withSystems(asked, found)
  if (!fitting.ok) throw unfit(fitting.error)
  const others = chosenBundles(fitting.value, hosts).filter((bundle) => {
    const seen = found.has(bundle.host) ? first.observed.get(bundle.host) : undefined
    return seen !== undefined && !isAnswered(observeRequest(bundle), seen)
  })
  const again = await look(others, pool, emit)
  const kept = [...first.observed].filter(([host]) => !again.failures.has(host))
  return {
    definition: fitting.value,
    first: {
      observed: new Map([...kept, ...again.observed]),
      failures: new Map([...first.failures, ...again.failures]),
    },
  }
}

function chosenBundles({ bundles }: Definition, hosts: ReadonlySet<string>): Bundle[] {
  return [...bundles.values()].filter(({ host }) => hosts.has(host))
}

/** What hosts tell of their systems; those that lose all they have need not be fitted. */
function toldBy(
  { bundles }: Definition,
  { observed }: Looked,
): ReadonlyMap<string, Partial<System>> {
  const kept = [...observed].filter(([host]) => bundles.get(host)?.roles.length !== 0)
  return new Map(kept.map(([host, { facts }]) => [host, systemOf(facts)]))
}

function unfit(problems: readonly Problem[]): Failure {
  return new Failure("input", problems.map(formatProblem).join("\n"), {
    hint: "nothing was changed anywhere; this is what follows for hosts of this system (lbctl_init, lbctl_loopback)",
  })
}

function leftBehind(host: string): Notice {
  return {
    host,
    message: "left the inventory without a teardown; it may still hold VIPs",
    hint: "put it back into hosts.yml, outside of the pool, for one apply: that takes the VIPs away",
  }
}

/** Looks at the same hosts anew: what was seen of them is old. */
export function contactAgain(
  { definition, inputs, unreachable, unmanaged }: Contacted,
  pool: NodePool,
): Promise<Contacted> {
  const hosts = [
    ...unmanaged,
    ...inputs.map(({ observed }) => observed.host),
    ...unreachable.map(({ host }) => host),
  ]
  return contact(definition, new Set(hosts), pool, () => undefined)
}

/** What plan needs to know about one host. */
export function hostInput(definition: Definition, bundle: Bundle, observed: Observed): HostInput {
  const { fleet, views } = definition
  const view = views.find((candidate) => candidate.host === bundle.host)
  return {
    view:
      bundle.roles.length === 0 || view === undefined
        ? bareView(
            fleet.hosts.find((host) => host.name === bundle.host),
            bundle.host,
          )
        : view,
    bundle,
    observed,
    ...membership(definition, bundle.host),
    now: new Date().toISOString(),
  }
}

/** Where a host takes its turn in a rollout. */
export function membership({ fleet, memberships }: Definition, host: string): Membership {
  return memberships?.get(host) ?? membershipOf(fleet, host)
}

/** What a host holds once lbctl has left it. */
export function emptyBundle(host: string): Bundle {
  const content = {
    host,
    roles: [],
    modules: [],
    sysctls: [],
    linksUp: [],
    addresses: [],
    files: [],
    units: [],
    handlers: [],
    requires: [],
  }
  return { id: sha256(canonicalJson(content)), ...content }
}

function look(
  bundles: readonly Bundle[],
  pool: NodePool,
  emit: (event: Event) => void,
): ReturnType<typeof observeAll> {
  const requests = new Map(bundles.map((bundle) => [bundle.host, observeRequest(bundle)]))
  return observeAll(requests, (host) => pool.node(host), { parallel: parallelHosts, emit })
}

function bareView(host: Host | undefined, name: string): HostInput["view"] {
  return {
    host: name,
    addresses: host?.addresses ?? [],
    groups: host?.groups ?? [],
    vars: host?.vars ?? {},
  }
}

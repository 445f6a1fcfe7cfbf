import type { Event } from "../model/event.ts"
import type { Notice } from "../model/plan.ts"
import { unmanagedNames, unmanagedServers } from "../model/unmanaged.ts"
import { departedHosts, type Unreachable } from "../plan/fleet.ts"
import type { HostInput } from "../plan/host.ts"
import { unprovedServers } from "../plan/unproved.ts"
import type { NodePool } from "../push/node-pool.ts"
import { chosenBundles, lookAt, lookFitting } from "./fitting.ts"
import { emptyBundle, hostInput } from "./host-input.ts"
import type { Definition } from "./pipeline.ts"
import { withPool } from "./pool.ts"
import { openLookSink } from "./sink.ts"

/** What the chosen hosts shall be and are. */
export interface Contacted {
  /** What was asked for, in the form that fits the systems of the hosts that answered. */
  readonly definition: Definition
  readonly inputs: readonly HostInput[]
  readonly unreachable: readonly Unreachable[]
  /** Names of chosen hosts that serve, and that lbctl does not log in to. */
  readonly unmanaged: readonly string[]
  /** Of no host that was looked at: hosts that left without a teardown, hosts of others that join unproved. */
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
  const unmanaged = unmanagedNames(fleet)
  const present = new Set([...bundles.keys(), ...unmanaged])
  const departed = departedHosts(present, [...first.observed.values()])
  const known = departed.filter(
    (name) => hosts.has(name) && fleet.hosts.some((host) => host.name === name),
  )
  const second = await lookAt(known.map(emptyBundle), pool, emit)
  const lost = departed.filter((name) => !fleet.hosts.some((host) => host.name === name))
  const all = [...chosenBundles(definition, hosts), ...known.map(emptyBundle)]
  const observed = new Map([...first.observed, ...second.observed])
  const failures = new Map([...first.failures, ...second.failures])
  const inputs = all.flatMap((bundle) => {
    const seen = observed.get(bundle.host)
    return seen === undefined ? [] : [hostInput(definition, bundle, seen)]
  })
  return {
    definition,
    inputs,
    unreachable: all.flatMap(({ host }) => {
      const failure = failures.get(host)
      if (failure === undefined) return []
      const { message, hint } = failure
      return [{ host, message, ...(hint === undefined ? {} : { hint }) }]
    }),
    unmanaged: unmanagedServers(fleet)
      .map(({ name }) => name)
      .filter((name) => hosts.has(name)),
    warnings: [...lost.map(leftBehind), ...unprovedServers(inputs, unmanaged)],
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

function leftBehind(host: string): Notice {
  return {
    host,
    message: "left the inventory without a teardown; it may still hold VIPs",
    hint: "put it back into hosts.yml, outside of the pool, for one apply: that takes the VIPs away",
  }
}

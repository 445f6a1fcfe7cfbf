import { homedir, userInfo } from "node:os"
import { membershipOf } from "../compile/membership.ts"
import { canonicalJson, sha256 } from "../core/digest.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Event } from "../model/event.ts"
import type { Fleet, Host } from "../model/fleet.ts"
import type { Observed } from "../model/observed.ts"
import { departedHosts, type Unreachable } from "../plan/fleet.ts"
import type { HostInput } from "../plan/host.ts"
import { openConnector } from "../push/connector.ts"
import { openNodePool, type NodePool } from "../push/node-pool.ts"
import { observeAll } from "../push/observe-all.ts"
import { observeRequest } from "../wire/observe-request.ts"
import { nodeScript } from "./assets.ts"
import type { Definition } from "./pipeline.ts"
import { openLookSink } from "./sink.ts"

/** Hosts looked at or changed at once. */
export const parallelHosts = 32

/** What the chosen hosts shall be and are. */
export interface Contacted {
  readonly inputs: readonly HostInput[]
  readonly unreachable: readonly Unreachable[]
}

/** Looks at the chosen hosts, showing progress, and does `work` with what they hold while their connections are open. */
export async function withContacted<T>(
  definition: Definition,
  hosts: ReadonlySet<string>,
  json: boolean,
  work: (contacted: Contacted, pool: NodePool) => Promise<T>,
): Promise<T> {
  return withPool(definition.fleet, async (pool) => {
    const sink = await openLookSink(
      json,
      [...definition.bundles.keys()].filter((host) => hosts.has(host)),
    )
    try {
      const contacted = await contact(definition, hosts, pool, sink.emit)
      await sink.close()
      return await work(contacted, pool)
    } finally {
      await sink.close()
    }
  })
}

/** Does `work` with connections to the fleet's hosts, which are opened when first needed. */
export async function withPool<T>(fleet: Fleet, work: (pool: NodePool) => Promise<T>): Promise<T> {
  const pool = openPool(fleet)
  try {
    return await work(pool)
  } finally {
    pool.close()
  }
}

function openPool(fleet: Fleet): NodePool {
  const agentSocket = process.env["SSH_AUTH_SOCK"]
  const connector = openConnector({
    home: homedir(),
    user: userInfo().username,
    ...(agentSocket === undefined ? {} : { agentSocket }),
  })
  return openNodePool(
    connector,
    new Map(fleet.hosts.map((host) => [host.name, host.connection])),
    nodeScript(),
  )
}

/**
 * Looks at the chosen hosts, one command each; then at hosts that directors still know and the definition does not,
 * since they may hold VIPs nobody else would take away.
 */
export async function contact(
  definition: Definition,
  hosts: ReadonlySet<string>,
  pool: NodePool,
  emit: (event: Event) => void,
): Promise<Contacted> {
  const { fleet, bundles } = definition
  const chosen = [...bundles.values()].filter((bundle) => hosts.has(bundle.host))
  const first = await look(chosen, pool, emit)
  const departed = departedHosts(new Set(bundles.keys()), [...first.observed.values()])
  const known = departed.filter(
    (name) => hosts.has(name) && fleet.hosts.some((host) => host.name === name),
  )
  const second = await look(known.map(emptyBundle), pool, emit)
  for (const name of departed.filter(
    (host) => !known.includes(host) && !fleet.hosts.some((item) => item.name === host),
  )) {
    emit({
      type: "notice",
      host: name,
      message: "left the inventory without a teardown; it may still hold VIPs",
      hint: "put it back into hosts.yml, outside of the pool, for one apply: that takes the VIPs away",
    })
  }
  const all = [...chosen, ...known.map(emptyBundle)]
  const observed = new Map([...first.observed, ...second.observed])
  const failures = new Map([...first.failures, ...second.failures])
  return {
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
  }
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
    ...membershipOf(fleet, bundle.host),
    now: new Date().toISOString(),
  }
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

import { canonicalJson, sha256 } from "../core/digest.ts"
import { fingerprint } from "../core/fingerprint.ts"
import { compareText } from "../core/text.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import { destinationName, isCheckService, serviceName, type IpvsTable } from "../model/ipvs.ts"
import { actionWords, scopeWord } from "../model/override.ts"
import type { Observed } from "../model/observed.ts"
import type { HostPlan, Operation } from "../model/plan.ts"

/** Link-local addresses come and go with interfaces, and no plan is made from them (RFC 4291, section 2.5.6). */
const linkLocal = /^fe[89ab]/

/**
 * SHA-256 of each part of what a host holds that a plan is made from. Counters, times, free disk, connections and what health
 * checks decide are no part of it.
 */
export function observedPrint(observed: Observed): Readonly<Record<string, string>> {
  const parts = Object.entries(partsOf(observed))
  return Object.fromEntries(
    parts.map(([name, part]) => [name, sha256(canonicalJson(part ?? null))]),
  )
}

/** SHA-256 of a step of a plan: what is shown of it, file contents by their hash, and every operation. */
export function stepPrint(step: HostPlan): string {
  const changes = step.changes.map(({ before: _before, after: _after, ...change }) => change)
  return sha256(canonicalJson({ ...step, changes, operations: step.operations.map(hashless) }))
}

/** A saved plan may be read by many: hashes of contents with secrets would let them try out passwords. */
function hashless(operation: Operation): Operation {
  if (operation.op !== "file" && operation.op !== "file-remove") return operation
  if (operation.secret !== true) return operation
  const prior = operation.prior === "-" ? "-" : fingerprint(operation.prior)
  return operation.op === "file"
    ? { ...operation, prior, sha256: fingerprint(operation.sha256) }
    : { ...operation, prior }
}

function partsOf(observed: Observed): Readonly<Record<string, unknown>> {
  const { agent, owned } = observed
  const addresses = observed.addresses.filter((held) => !linkLocal.test(held.address))
  // Containers' links come and go; a plan is made from those with addresses and those that lbctl brought up.
  const devices = new Set([...addresses.map(({ device }) => device), ...owned.linksUp])
  return {
    addresses: addresses.map((held) => `${held.device} ${held.address}/${held.prefix}`).sort(),
    links: observed.links
      .filter(({ name }) => devices.has(name))
      .map(({ name, up }) => `${name} ${up}`)
      .sort(),
    // What is not there is told only where it was asked for.
    files: mapValues(
      existing(observed.files, ({ sha256: digest }) => digest !== undefined),
      ({ sha256: digest, mode, owner }, path) => [
        digest !== undefined && owned.secrets?.includes(path) === true
          ? fingerprint(digest)
          : digest,
        mode,
        owner,
      ],
    ),
    sysctls: mapValues(observed.sysctls, (value) => value?.trim().split(/\s+/) ?? null),
    modules: observed.modules,
    units: existing(observed.units, ({ exists }) => exists),
    commands: observed.commands,
    agents: [[...observed.agents].sort(), observed.runtime],
    release: [observed.release, owned, observed.transaction?.id],
    services: tablePart(agent?.table ?? observed.table ?? [], agent),
    "the agent's state": agentPart(agent),
  }
}

function agentPart(agent: AgentStatus | undefined): unknown {
  if (agent === undefined) return undefined
  return {
    running: agent.running,
    desired: agent.desired,
    owned: [...agent.owned].sort(),
    overrides: agent.overrides
      .map((override) => `${actionWords(override)} ${scopeWord(override)}`)
      .sort(),
    vrrp: agent.vrrp.map(({ instance, state }) => `${instance} ${state}`).sort(),
  }
}

/**
 * The kernel's table without the real servers that the agent takes out and puts in by itself, as checks and drains tell it:
 * how those differ from what is wanted stands in the plan's changes.
 */
function tablePart(table: IpvsTable, agent: AgentStatus | undefined): unknown {
  const own = new Set(
    [...(agent?.health ?? []), ...(agent?.draining ?? [])].map(
      ({ service, server }) => `${service} ${server}`,
    ),
  )
  return table
    .filter(({ key }) => !isCheckService(key))
    .map(({ destinations, ...service }) => ({
      ...service,
      destinations: destinations.filter(
        (item) => !own.has(`${serviceName(service.key)} ${destinationName(item)}`),
      ),
    }))
    .sort((a, b) => compareText(serviceName(a.key), serviceName(b.key)))
}

function existing<T>(
  record: Readonly<Record<string, T>>,
  exists: (value: T) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => exists(value)))
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
}

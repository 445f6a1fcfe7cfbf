import type { AgentStatus, HealthState } from "../model/agent-status.ts"
import type { DesiredService, DirectorState } from "../model/desired.ts"
import { keepalivedServices } from "../model/desired.ts"
import type { IpvsDriver, IpvsStep, IpvsTable } from "../model/ipvs.ts"
import { destinationName, isCheckService, serviceName } from "../model/ipvs.ts"
import type { Change } from "../model/plan.ts"
import { wantedTable } from "./ipvs.ts"
import { quorumOfTable, stepQuorum } from "./ipvs-quorum.ts"
import type { DrainingServer, Runtime } from "./ipvs-runtime.ts"
import { adoptedServers, keyOf, serverKey } from "./ipvs-runtime.ts"
import { tellsWeight } from "./ipvs-standing.ts"
import { tableSteps } from "./ipvs-steps.ts"
import { describeStep } from "./ipvs-words.ts"

/**
 * What an apply would change in a director's IPVS table, by what its agent knows of health, overrides and drains.
 * Nothing: the kernel is as it shall be. A server the agent has never heard of is taken for one that will answer;
 * servers found down, running drains, private check services and strangers are no difference.
 * `now` is ISO 8601 in UTC.
 */
export function planTable(wanted: DirectorState, status: AgentStatus, now: string): TableChange[] {
  const actual = status.table.filter((service) => !isCheckService(service.key))
  // What keepalived was told to make is lbctl's too.
  const before = byName(keepalivedServices(status.desired?.services ?? []))
  const steps = tableSteps(
    wantedTable(wanted, plannedRuntime(wanted, status, now)),
    actual,
    new Set([...status.owned, ...before.keys()]),
  )
  const services = byName(wanted.services)
  return steps
    .filter((step) => !goesWithItsService(step, services))
    .map((step) => {
      const desired = services.get(nameOf(step)) ?? before.get(nameOf(step))
      return { change: describeStep(step, desired, actual), by: desired?.ipvs ?? "native" }
    })
}

/** A change of the kernel's table and who would make it. */
export interface TableChange {
  readonly change: Change
  readonly by: IpvsDriver
}

function byName(services: readonly DesiredService[]): Map<string, DesiredService> {
  return new Map(services.map((service) => [serviceName(service.key), service] as const))
}

/** The table that an agent wants by the definition it works by; undefined when it has none. `now` is ISO 8601 in UTC. */
export function wantedNow(status: AgentStatus, now: string): IpvsTable | undefined {
  const { desired } = status
  return desired && wantedTable(desired, plannedRuntime(desired, status, now))
}

/** Before every time in ISO 8601. */
const beforeAll = ""

/** A host whose kernel was read without an agent: nothing is owned, nothing is known. */
export function statusOfTable(table: IpvsTable): AgentStatus {
  return {
    version: "",
    running: false,
    table,
    counters: [],
    owned: [],
    health: [],
    overrides: [],
    draining: [],
    vrrp: [],
    warnings: [],
  }
}

function plannedRuntime(wanted: DirectorState, status: AgentStatus, now: string): Runtime {
  const health = new Map<string, HealthState>(
    wanted.services.flatMap((service) =>
      service.servers.map((server) => [keyOf(service, server), "up"] as const),
    ),
  )
  const fallen = new Map<string, number>()
  const ramps = new Map<string, number>()
  const adopted = adoptedServers(status.table)
  const told = weightsOfKeepalived(wanted, adopted)
  for (const { service, server, state, lastUpMs, slowStart, toldWeight } of status.health) {
    if (toldWeight !== undefined) told.set(serverKey(service, server), toldWeight)
    if (slowStart !== undefined) ramps.set(serverKey(service, server), slowStart.weight)
    health.set(serverKey(service, server), state)
    if (lastUpMs !== undefined) fallen.set(serverKey(service, server), lastUpMs)
  }
  // keepalived takes whom it has not asked yet for up.
  for (const service of keepalivedServices(wanted.services))
    for (const server of service.servers)
      if (health.get(keyOf(service, server)) === "unknown") health.set(keyOf(service, server), "up")
  const before: Runtime = {
    health,
    fallen,
    ramps,
    told,
    overrides: status.overrides,
    draining: status.draining.flatMap((draining) => resolve(draining, status.table)),
    quorum: quorumOfTable(wanted, status.table),
    adopted,
    // An agent that runs ends drains and overrides itself, by a clock that need not agree with this one: what it lists stands.
    now: status.running ? beforeAll : now,
  }
  return { ...before, quorum: stepQuorum(wanted, before) }
}

/** keepalived keeps to itself what its checks said: the kernel shows it. */
function weightsOfKeepalived(
  { services }: DirectorState,
  held: ReadonlyMap<string, number>,
): Map<string, number> {
  const told = new Map<string, number>()
  for (const service of keepalivedServices(services).filter(tellsWeight))
    for (const server of service.servers) {
      const weight = held.get(keyOf(service, server))
      if (weight !== undefined) told.set(keyOf(service, server), weight)
    }
  return told
}

function resolve(draining: AgentStatus["draining"][number], table: IpvsTable): DrainingServer[] {
  const held = table.find((service) => serviceName(service.key) === draining.service)
  const destination = held?.destinations.find((item) => destinationName(item) === draining.server)
  if (held === undefined || destination === undefined) return []
  const { destinations: _, ...service } = held
  return [{ service, destination, until: draining.until }]
}

function nameOf(step: IpvsStep): string {
  return serviceName("service" in step ? step.service.key : step.key)
}

function goesWithItsService(
  step: IpvsStep,
  services: ReadonlyMap<string, DesiredService>,
): boolean {
  return step.op === "remove-server" && !services.has(nameOf(step))
}

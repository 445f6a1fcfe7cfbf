import { instantOf } from "../../core/instant.ts"
import type { AgentStatus, Draining, ServerHealth } from "../../model/agent-status.ts"
import type { DesiredServer, DesiredService, DirectorState } from "../../model/desired.ts"
import { destinationName, serviceName, type IpvsTable } from "../../model/ipvs.ts"
import { isDisabled } from "../../plan/overrides.ts"
import { lastServers } from "../../plan/ipvs-keep-last.ts"
import type { Runtime } from "../../plan/ipvs-runtime.ts"
import { serverKey } from "../../plan/ipvs-runtime.ts"
import type { Drain } from "../decide/drain.ts"
import type { SlowStart } from "../decide/slow-start.ts"
import type { HealthReport } from "../messages.ts"
import type { StateLog } from "./state-log.ts"

/**
 * Health of every desired server, in the definition's order; a service without a check counts as up. What keepalived
 * checks is as its table in the kernel shows it.
 */
export function healthStatus(
  state: DirectorState,
  health: ReadonlyMap<string, HealthReport>,
  table: IpvsTable,
  ramps: ReadonlyMap<string, SlowStart>,
): ServerHealth[] {
  return state.services.flatMap((service) =>
    service.servers.map((item) => {
      const names = { service: serviceName(service.key), server: destinationName(item) }
      if (service.ipvs === "keepalived")
        return { ...names, ...healthByTable(service, item, table), since: "" }
      const key = serverKey(names.service, names.server)
      const ramp = rampStatus(ramps.get(key))
      const grows = ramp.slowStart === undefined ? "" : " (slow start)"
      if (service.check === undefined)
        return {
          ...names,
          state: "up" as const,
          message: `not checked${grows}`,
          since: "",
          ...ramp,
        }
      const known = health.get(key)
      return {
        ...names,
        state: known?.state ?? "unknown",
        message: `${known?.message ?? "not checked yet"}${grows}`,
        since: known === undefined ? "" : instantOf(known.sinceMs),
        ...ramp,
        ...(known?.lastUpMs === undefined ? {} : { lastUpMs: known.lastUpMs }),
        ...(known?.weight === undefined ? {} : { toldWeight: known.weight }),
      }
    }),
  )
}

function rampStatus(ramp: SlowStart | undefined): Pick<ServerHealth, "slowStart"> {
  if (ramp === undefined) return {}
  return { slowStart: { weight: ramp.weight, until: instantOf(ramp.untilMs) } }
}

/** Services all of whose real servers are down, and that keep the last ones nevertheless, one line each. */
export function lastServerWarnings(state: DirectorState, runtime: Runtime): string[] {
  return state.services
    .filter((service) => !isDisabled(service, runtime))
    .filter((service) => lastServers(service, runtime).size > 0)
    .map(
      ({ key }) =>
        `${serviceName(key)}: all real servers are down; those that were up last stay in (all_down)`,
    )
}

/** keepalived takes a server that fails its check out, or with inhibit_on_failure to weight 0. */
function healthByTable(
  service: DesiredService,
  server: DesiredServer,
  table: IpvsTable,
): Pick<ServerHealth, "state" | "message"> {
  const name = serviceName(service.key)
  const held = table.find(({ key }) => serviceName(key) === name)
  if (held === undefined)
    return { state: "unknown", message: "keepalived has not made the service" }
  const found = held.destinations.find((item) => destinationName(item) === destinationName(server))
  if (found === undefined) return { state: "down", message: "keepalived took it out" }
  const inhibited = service.inhibitOnFailure && found.weight === 0 && server.weight > 0
  return inhibited
    ? { state: "down", message: "keepalived gave it weight 0" }
    : { state: "up", message: "keepalived has it in the table" }
}

/** The drains as operators see them. */
export function drainingStatus(drains: readonly Drain[]): Draining[] {
  return drains.map(({ service, destination, untilMs }) => ({
    service: serviceName(service.key),
    server: destinationName(destination),
    until: instantOf(untilMs),
  }))
}

/** A status with what the log of changes adds: how often each thing changed, and the last changes themselves. */
export function withTransitions(status: AgentStatus, log: StateLog): AgentStatus {
  return {
    ...status,
    health: status.health.map((item) => ({
      ...item,
      transitions: log.count({ kind: "server", name: item.service, server: item.server }),
    })),
    quorum: (status.quorum ?? []).map((item) => {
      const subject = { kind: "quorum", name: item.service } as const
      const since = log.since(subject)
      const transitions = log.count(subject)
      return { ...item, ...(since === undefined ? {} : { since }), transitions }
    }),
    vrrp: status.vrrp.map((item) => ({
      ...item,
      transitions: log.count({ kind: "vrrp", name: item.instance }),
    })),
    changes: log.last,
  }
}

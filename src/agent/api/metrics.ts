import type { AgentStatus } from "../../model/agent-status.ts"
import { destinationName, isCheckService, serviceName } from "../../model/ipvs.ts"
import type { Traffic } from "../../model/traffic.ts"
import { serverKey } from "../../plan/ipvs-runtime.ts"
import { metric, type Labels, type Sample } from "./metric-text.ts"

const vrrpStates = ["MASTER", "BACKUP", "FAULT", "STOPPED"] as const

/** The kernel's counters, each with its name here and its meaning. */
const traffic: readonly (readonly [keyof Traffic, string, string])[] = [
  ["connections", "connections_total", "Connections scheduled"],
  ["inPackets", "received_packets_total", "Packets from clients"],
  [
    "outPackets",
    "sent_packets_total",
    "Packets to clients; 0 with dr and tun, whose answers pass by the director",
  ],
  ["inBytes", "received_bytes_total", "Bytes from clients"],
  [
    "outBytes",
    "sent_bytes_total",
    "Bytes to clients; 0 with dr and tun, whose answers pass by the director",
  ],
]

/** The status as Prometheus reads it (text exposition format 0.0.4). Private check services are left out. */
export function metricsText(status: AgentStatus): string {
  const services = status.table.filter((service) => !isCheckService(service.key))
  const names = namesOf(status)
  const server = (item: { service: string; server: string }): Labels => ({
    ...names.service(item.service),
    server: item.server,
    ...names.host(item.service, item.server),
  })
  const held = new Set(services.map((service) => serviceName(service.key)))
  const counters = status.counters.filter((counter) => held.has(counter.service))
  const totals = (status.services ?? []).filter((counter) => held.has(counter.service))
  return [
    metric("lbctl_agent_info", "gauge", "1, labelled with the agent's version.", [
      [{ version: status.version }, 1],
    ]),
    metric("lbctl_services", "gauge", "Virtual services in the kernel.", [[{}, services.length]]),
    ...traffic.map(([what, name, help]) =>
      metric(
        `lbctl_service_${name}`,
        "counter",
        `${help}, by virtual service since it was made.`,
        totals.map((item): Sample => [names.service(item.service), item.traffic[what]]),
      ),
    ),
    metric(
      "lbctl_service_quorum",
      "gauge",
      "1 while a virtual service has its quorum, 0 while it is lost.",
      (status.quorum ?? []).map((item): Sample => [
        names.service(item.service),
        item.state === "up" ? 1 : 0,
      ]),
    ),
    metric(
      "lbctl_service_quorum_changes_total",
      "counter",
      "Changes of the quorum since the engine started.",
      (status.quorum ?? []).map((item): Sample => [
        names.service(item.service),
        item.transitions ?? 0,
      ]),
    ),
    metric(
      "lbctl_server_weight",
      "gauge",
      "Weight of a real server in the kernel.",
      services.flatMap((service) =>
        service.destinations.map((destination): Sample => [
          server({ service: serviceName(service.key), server: destinationName(destination) }),
          destination.weight,
        ]),
      ),
    ),
    metric(
      "lbctl_server_defined_weight",
      "gauge",
      "Weight of a real server in the definition.",
      (status.desired?.services ?? []).flatMap((service) =>
        service.servers.map((item): Sample => [
          server({ service: serviceName(service.key), server: destinationName(item) }),
          item.weight,
        ]),
      ),
    ),
    metric(
      "lbctl_server_up",
      "gauge",
      "1 when the last checks of a real server were good, 0 when not; unknown ones are missing.",
      status.health
        .filter(({ state }) => state !== "unknown")
        .map((item): Sample => [server(item), item.state === "up" ? 1 : 0]),
    ),
    metric(
      "lbctl_server_state_changes_total",
      "counter",
      "Changes of a real server's health since the engine started.",
      status.health.map((item): Sample => [server(item), item.transitions ?? 0]),
    ),
    metric(
      "lbctl_server_active_connections",
      "gauge",
      "Established connections.",
      counters.map((item): Sample => [server(item), item.active]),
    ),
    metric(
      "lbctl_server_inactive_connections",
      "gauge",
      "Connections in any other state.",
      counters.map((item): Sample => [server(item), item.inactive]),
    ),
    metric(
      "lbctl_server_persistent_clients",
      "gauge",
      "Clients that stick to a real server by persistence.",
      counters.map((item): Sample => [server(item), item.persistent ?? 0]),
    ),
    ...traffic.map(([what, name, help]) =>
      metric(
        `lbctl_server_${name}`,
        "counter",
        `${help}, by real server since it was added.`,
        counters.map((item): Sample => [server(item), item.traffic?.[what] ?? 0]),
      ),
    ),
    metric("lbctl_overrides", "gauge", "Overrides in force.", [[{}, status.overrides.length]]),
    metric("lbctl_draining", "gauge", "Real servers on their way out.", [
      [{}, status.draining.length],
    ]),
    metric("lbctl_warnings", "gauge", "Warnings of the agent.", [[{}, status.warnings.length]]),
    ...vrrpMetrics(status),
    ...processMetrics(status),
  ].join("")
}

function vrrpMetrics({ vrrp }: AgentStatus): string[] {
  return [
    metric(
      "lbctl_vrrp_state",
      "gauge",
      "1 for the state a VRRP instance is in, 0 for the others.",
      vrrp.flatMap(({ instance, state }) =>
        vrrpStates.map((one): Sample => [{ vrrp: instance, state: one }, one === state ? 1 : 0]),
      ),
    ),
    metric(
      "lbctl_vrrp_master",
      "gauge",
      "1 when this director holds the VIPs of the instance.",
      vrrp.map(({ instance, state }): Sample => [{ vrrp: instance }, state === "MASTER" ? 1 : 0]),
    ),
    metric(
      "lbctl_vrrp_demoted",
      "gauge",
      "1 after a handover, until the instance takes its priority back.",
      vrrp.map(({ instance, demoted }): Sample => [{ vrrp: instance }, demoted ? 1 : 0]),
    ),
    metric(
      "lbctl_vrrp_state_changes_total",
      "counter",
      "Changes of the instance's state since the engine started.",
      vrrp.map(({ instance, transitions }): Sample => [{ vrrp: instance }, transitions ?? 0]),
    ),
  ]
}

function processMetrics({ processes = [], loaded }: AgentStatus): string[] {
  const last = loaded === undefined ? [] : [loaded]
  return [
    metric(
      "lbctl_process_restarts_total",
      "counter",
      "Times a process of the agent was started again since the watchdog started.",
      processes.map(({ name, restarts }): Sample => [{ process: name }, restarts]),
    ),
    metric(
      "lbctl_process_start_time_seconds",
      "gauge",
      "When a process of the agent started, since 1970.",
      processes.map(({ name, since }): Sample => [{ process: name }, Date.parse(since) / 1000]),
    ),
    metric(
      "lbctl_last_load_timestamp_seconds",
      "gauge",
      "When the definition was last loaded, by an apply or at the start, since 1970.",
      last.map(({ at }): Sample => [{}, Date.parse(at) / 1000]),
    ),
    metric(
      "lbctl_last_load_successful",
      "gauge",
      "1 when the kernel took the definition last loaded.",
      last.map(({ ok }): Sample => [{}, ok ? 1 : 0]),
    ),
  ]
}

/** Services and real servers by the names that users gave them; what left the definition has none. */
function namesOf({ desired }: AgentStatus): {
  readonly service: (service: string) => Labels
  readonly host: (service: string, server: string) => Labels
} {
  const services = new Map<string, string>()
  const hosts = new Map<string, string>()
  for (const service of desired?.services ?? []) {
    const key = serviceName(service.key)
    services.set(key, service.name)
    for (const item of service.servers) hosts.set(serverKey(key, destinationName(item)), item.host)
  }
  return {
    service: (service) => ({ service, name: services.get(service) ?? "" }),
    host: (service, server) => ({ host: hosts.get(serverKey(service, server)) ?? "" }),
  }
}

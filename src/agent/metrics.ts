import type { AgentStatus } from "../model/agent-status.ts"
import { destinationName, isCheckService, serviceName } from "../model/ipvs.ts"

type Labels = Readonly<Record<string, string>>

/** The status as Prometheus reads it (text exposition format 0.0.4). */
export function metricsText(status: AgentStatus): string {
  const services = status.table.filter((service) => !isCheckService(service.key))
  const names = new Set(services.map((service) => serviceName(service.key)))
  const counters = status.counters.filter((counter) => names.has(counter.service))
  const perServer = (pick: (counter: (typeof counters)[number]) => number): [Labels, number][] =>
    counters.map((counter) => [{ service: counter.service, server: counter.server }, pick(counter)])
  return [
    metric("lbctl_services", "gauge", "Virtual services in the kernel.", [[{}, services.length]]),
    metric(
      "lbctl_server_weight",
      "gauge",
      "Weight of a real server in the kernel.",
      services.flatMap((service) =>
        service.destinations.map((destination): [Labels, number] => [
          { service: serviceName(service.key), server: destinationName(destination) },
          destination.weight,
        ]),
      ),
    ),
    metric(
      "lbctl_server_up",
      "gauge",
      "1 when the last checks of a real server were good, 0 when not; unknown ones are missing.",
      status.health
        .filter(({ state }) => state !== "unknown")
        .map(({ service, server, state }) => [{ service, server }, state === "up" ? 1 : 0]),
    ),
    metric(
      "lbctl_server_active_connections",
      "gauge",
      "Established connections.",
      perServer(({ active }) => active),
    ),
    metric(
      "lbctl_server_inactive_connections",
      "gauge",
      "Other connections.",
      perServer(({ inactive }) => inactive),
    ),
    metric(
      "lbctl_server_connections_total",
      "counter",
      "Connections scheduled.",
      perServer(({ connections }) => connections),
    ),
    metric("lbctl_overrides", "gauge", "Overrides in force.", [[{}, status.overrides.length]]),
    metric("lbctl_draining", "gauge", "Real servers on their way out.", [
      [{}, status.draining.length],
    ]),
    metric("lbctl_warnings", "gauge", "Warnings of the agent.", [[{}, status.warnings.length]]),
    metric(
      "lbctl_vrrp_master",
      "gauge",
      "1 when this director holds the VIPs of the instance.",
      status.vrrp.map(({ instance, state }) => [{ instance }, state === "MASTER" ? 1 : 0]),
    ),
  ].join("")
}

function metric(
  name: string,
  type: "gauge" | "counter",
  help: string,
  values: readonly (readonly [Labels, number])[],
): string {
  const lines = values.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

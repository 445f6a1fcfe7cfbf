import { family } from "../../src/core/address.ts"
import { compareAddresses } from "../../src/core/address.ts"
import type {
  IpvsKernel,
  IpvsSnapshot,
  StepFailure,
  SyncRole,
} from "../../src/agent/kernel/ipvs-kernel.ts"
import type {
  IpvsDestination,
  IpvsService,
  IpvsStep,
  IpvsTable,
  IpvsTimeouts,
  SyncDaemon,
} from "../../src/model/ipvs.ts"
import { destinationName, schedulers, serviceName } from "../../src/model/ipvs.ts"
import { noTraffic, sumTraffic, type Traffic } from "../../src/model/traffic.ts"

/** A kernel's table in memory that refuses what Linux refuses (net/netfilter/ipvs/ip_vs_ctl.c). */
export class FakeIpvs implements IpvsKernel {
  readonly done: IpvsStep[] = []
  /** Tables after each step, for tests of what is in between. */
  readonly history: IpvsTable[] = []
  /** Connections by `SERVICE SERVER`. */
  readonly connections = new Map<string, { active: number; inactive: number }>()
  /** What passed, by `SERVICE SERVER`. */
  readonly traffic = new Map<string, Traffic>()
  dumps = 0
  /** How often a synchronisation daemon was started. */
  starts = 0
  refuse: (step: IpvsStep) => string | undefined = () => undefined
  #services = new Map<string, IpvsService>()
  #daemons: SyncDaemon[] = []
  #timeouts: IpvsTimeouts = { tcp: 900, tcpFin: 120, udp: 300 }

  constructor(table: IpvsTable = []) {
    for (const service of table) this.#services.set(serviceName(service.key), service)
  }

  get table(): IpvsTable {
    return [...this.#services.values()]
  }

  dump(): IpvsSnapshot {
    this.dumps++
    const counters = this.table.flatMap((service) =>
      service.destinations.map((destination) => {
        const [name, server] = [serviceName(service.key), destinationName(destination)]
        const held = this.connections.get(`${name} ${server}`) ?? { active: 0, inactive: 0 }
        const traffic = this.traffic.get(`${name} ${server}`) ?? noTraffic
        const connections = held.active + held.inactive
        return {
          service: name,
          server,
          ...held,
          connections,
          persistent: 0,
          traffic: { ...traffic, connections },
          rates: noTraffic,
        }
      }),
    )
    const services = this.table.map(({ key }) => {
      const service = serviceName(key)
      const own = counters.filter((counter) => counter.service === service)
      return { service, traffic: sumTraffic(own.map((item) => item.traffic)), rates: noTraffic }
    })
    return { table: this.table, counters, services }
  }

  apply(steps: readonly IpvsStep[]): readonly StepFailure[] {
    return steps.flatMap((step) => {
      const error = this.refuse(step) ?? this.#carryOut(step)
      this.done.push(step)
      this.history.push(this.table)
      return error === undefined ? [] : [{ step, error }]
    })
  }

  timeouts(): IpvsTimeouts {
    return this.#timeouts
  }
  setTimeouts(timeouts: Partial<IpvsTimeouts>): void {
    this.#timeouts = { ...this.#timeouts, ...timeouts }
  }
  daemons(): readonly SyncDaemon[] {
    return this.#daemons
  }
  startDaemon(daemon: SyncDaemon): void {
    this.starts++
    const defaults = { group: "224.0.0.81", port: 8848, ttl: 1, maxlen: 1472 }
    const others = this.#daemons.filter((other) => other.role !== daemon.role)
    this.#daemons = [...others, { ...defaults, ...daemon }]
  }
  stopDaemon(role: SyncRole): void {
    this.#daemons = this.#daemons.filter((daemon) => daemon.role !== role)
  }
  close(): void {
    this.#services.clear()
  }

  #carryOut(step: IpvsStep): string | undefined {
    const name = serviceName("service" in step ? step.service.key : step.key)
    const held = this.#services.get(name)
    switch (step.op) {
      case "add-service":
      case "edit-service": {
        if (held === undefined && step.op === "edit-service") return "ESRCH: no such service"
        if (!schedulers.some((scheduler) => scheduler === step.service.scheduler))
          return "ENOENT: no such scheduler"
        this.#services.set(name, { ...step.service, destinations: held?.destinations ?? [] })
        return undefined
      }
      case "remove-service":
        this.#services.delete(name)
        return undefined
      case "add-server":
      case "edit-server":
      case "remove-server":
        return this.#server(step, held)
      default:
        return step satisfies never
    }
  }

  #server(
    step: IpvsStep & { op: "add-server" | "edit-server" | "remove-server" },
    held: IpvsService | undefined,
  ): string | undefined {
    if (held === undefined)
      return step.op === "remove-server" ? undefined : "ESRCH: no such service"
    const server = destinationName(step.destination)
    const others = held.destinations.filter((item) => destinationName(item) !== server)
    if (step.op === "edit-server" && others.length === held.destinations.length)
      return "ENOENT: no such destination"
    const error = step.op === "remove-server" ? undefined : refusal(held, step.destination)
    if (error !== undefined) return error
    const destinations = step.op === "remove-server" ? others : [...others, step.destination]
    destinations.sort((a, b) => compareAddresses(a.address, b.address) || a.port - b.port)
    this.#services.set(serviceName(held.key), { ...held, destinations })
    return undefined
  }
}

function refusal(service: IpvsService, destination: IpvsDestination): string | undefined {
  const { weight, upperThreshold, lowerThreshold, address, forwarding } = destination
  if (weight < 0 || lowerThreshold > upperThreshold) return "ERANGE: out of range"
  const kind = service.key.kind === "fwmark" ? service.key.family : family(service.key.address)
  if (family(address) !== kind && forwarding !== "tun") return "EINVAL: invalid argument"
  return undefined
}

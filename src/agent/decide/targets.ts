import { family } from "../../core/address.ts"
import type { HealthState } from "../../model/agent-status.ts"
import type { DesiredService, DirectorState } from "../../model/desired.ts"
import { vipsOf } from "../../model/desired.ts"
import type { HealthCheck } from "../../model/fleet.ts"
import { destinationName, serviceName } from "../../model/ipvs.ts"
import type { CheckServices } from "../../plan/ipvs-checks.ts"
import { markOf } from "../../plan/ipvs-checks.ts"
import { serverKey } from "../../plan/ipvs-runtime.ts"
import type { HeldAddress } from "./source.ts"
import { checkSource } from "./source.ts"

/** One real server to ask, and how; what the health process is told. */
export interface CheckTarget {
  /** `serverKey`. */
  readonly key: string
  readonly check: HealthCheck
  readonly address: string
  readonly port: number
  /** With it the connection goes through the private check service of this mark. */
  readonly mark?: number
  readonly source?: string
  /** How the server counts before the first answer; undefined: as unknown. */
  readonly initial?: "up" | "down"
  /** Whom an HTTP check asks for when the check names no host. */
  readonly vip: string
}

/** What the engine knows of a server when it hands the targets over. */
export interface KnownHealth {
  readonly state: HealthState
  readonly message: string
  readonly sinceMs: number
  readonly lastUpMs?: number
  readonly joinedMs?: number
  readonly weight?: number
  /** The kernel sends it new connections. */
  readonly pooled: boolean
}

/** Everything the health process shall ask. */
export function checkTargets(
  state: DirectorState,
  services: CheckServices,
  held: readonly HeldAddress[],
): CheckTarget[] {
  const sourceFor = sources(state, held)
  return state.services.flatMap((service) => {
    const { check } = service
    const [vip] = vipsOf(service)
    if (check === undefined || vip === undefined) return []
    return service.servers.map((server) => {
      const mark = markOf(services, service, server)
      const address = mark === undefined ? server.address : vip
      const source = sourceFor(service, family(address) ?? 4)
      return {
        key: serverKey(serviceName(service.key), destinationName(server)),
        check,
        address,
        port: check.port ?? server.port,
        ...(mark === undefined ? {} : { mark }),
        ...(source === undefined ? {} : { source }),
        ...(service.initial === undefined ? {} : { initial: service.initial }),
        vip,
      }
    })
  })
}

/** `checkSource`, asked once for each cluster and family: all services of a cluster have the same. */
function sources(
  state: DirectorState,
  held: readonly HeldAddress[],
): (service: DesiredService, addressFamily: 4 | 6) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (service, addressFamily) => {
    const name = `${addressFamily} ${service.cluster}`
    if (!known.has(name)) known.set(name, checkSource(state, service, addressFamily, held))
    return known.get(name)
  }
}

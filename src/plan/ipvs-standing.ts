import type { HealthState } from "../model/agent-status.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import type { ServerOverride } from "../model/override.ts"
import type { Runtime } from "./ipvs-runtime.ts"
import { keyOf } from "./ipvs-runtime.ts"
import { overrideOf } from "./overrides.ts"

/**
 * How a desired real server stands, before the quorum has its say:
 * `in` belongs in the kernel with that weight, `waiting` has not answered a check yet (and rests in the kernel meanwhile
 * where it is `held` there), `out` was found down or is disabled.
 */
export type Standing =
  | { readonly kind: "in"; readonly weight: number }
  | { readonly kind: "waiting"; readonly held: boolean }
  | { readonly kind: "out" }

/** The standing of one real server. */
export function standingOf(
  service: DesiredService,
  server: DesiredServer,
  runtime: Runtime,
): Standing {
  if (overrideOf(service, server, runtime)?.action === "disable") return { kind: "out" }
  const state = stateOf(service, server, runtime)
  if (state === "down") return service.inhibitOnFailure ? resting(service) : { kind: "out" }
  if (state === "up") return serving(service, server, runtime)
  const adopted = runtime.adopted.get(keyOf(service, server))
  // A weight of 0 in the kernel may be a failure or a drain: it is not raised before a check has answered.
  return adopted === undefined || adopted === 0
    ? { kind: "waiting", held: adopted === 0 }
    : serving(service, server, runtime)
}

/** The weight a real server has while it answers its checks, once overrides count. */
export function weightWhenUp(
  service: DesiredService,
  server: DesiredServer,
  runtime: Pick<Runtime, "overrides" | "now" | "told">,
): number {
  return overriddenWeight(ownWeight(service, server, runtime), overrideOf(service, server, runtime))
}

/** A server's weight while nobody but its check has another opinion. */
function ownWeight(
  service: DesiredService,
  server: DesiredServer,
  { told }: Pick<Runtime, "told">,
): number {
  if (!tellsWeight(service)) return server.weight
  return told.get(keyOf(service, server)) ?? server.weight
}

/** Whether the check of a service says what its servers weigh. */
export function tellsWeight({ check }: DesiredService): boolean {
  return check?.type === "external" && check.weightByExitCode === true
}

/** How a server stands that shall take connections, as far as operators let it. */
export function serving(
  service: DesiredService,
  server: DesiredServer,
  runtime: Pick<Runtime, "overrides" | "now" | "ramps" | "told">,
): Standing {
  const override = overrideOf(service, server, runtime)
  const own = ownWeight(service, server, runtime)
  if (override === undefined) {
    const ramp = runtime.ramps.get(keyOf(service, server)) ?? own
    const weight = Math.min(own, ramp)
    // A definition may say 0 itself; what a check takes off must not go on being chosen.
    return weight === 0 && server.weight > 0 ? resting(service) : { kind: "in", weight }
  }
  if (override.action === "disable") return { kind: "out" }
  const weight = overriddenWeight(own, override)
  return weight === 0 ? resting(service) : { kind: "in", weight }
}

function overriddenWeight(own: number, override: ServerOverride | undefined): number {
  if (override === undefined) return own
  switch (override.action) {
    case "disable":
    case "drain":
      return 0
    case "weight":
      return override.weight ?? own
    default:
      return override.action satisfies never
  }
}

/** The health that counts: without a check `up`; before the first answer what the kernel does, else what `initial` says. */
export function stateOf(
  service: DesiredService,
  server: DesiredServer,
  { health, adopted }: Pick<Runtime, "health" | "adopted">,
): HealthState {
  if (service.check === undefined) return "up"
  const state = health.get(keyOf(service, server)) ?? "unknown"
  return state === "unknown" && !adopted.has(keyOf(service, server))
    ? (service.initial ?? "unknown")
    : state
}

/** How a server that shall keep its connections and take no new one stands. */
export function resting(
  service: DesiredService | { scheduler: string; flags: readonly string[] },
): Standing {
  return losesClientsAtRest(service) ? { kind: "out" } : { kind: "in", weight: 0 }
}

/**
 * Scheduler sh without its fallback flag goes on choosing a server of weight 0 and then drops the packet
 * (net/netfilter/ipvs/ip_vs_sh.c, ip_vs_sh_schedule): such a server has to go instead of resting.
 */
export function losesClientsAtRest(service: {
  readonly scheduler: string
  readonly flags: readonly string[]
}): boolean {
  return service.scheduler === "sh" && !service.flags.includes("sh-fallback")
}

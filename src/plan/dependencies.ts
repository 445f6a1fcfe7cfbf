import { assertNever } from "../core/result.ts"
import type { DesiredService } from "../model/desired.ts"
import type { HostPlan } from "../model/plan.ts"
import type { HostInput } from "./host.ts"
import { keyOf } from "./ipvs-runtime.ts"

/**
 * A step of the plan with the hosts that it must not come after when they failed: a director would send to a real server that
 * was not set up, a master would take over what broke its backup, a real server would leave directors that still send to it.
 */
export function withDependencies(plan: HostPlan, inputs: readonly HostInput[]): HostPlan {
  return { ...plan, dependsOn: dependencies(plan, inputs).filter((host) => host !== plan.host) }
}

function dependencies(plan: HostPlan, inputs: readonly HostInput[]): readonly string[] {
  switch (plan.phase) {
    case "gain":
      return []
    case "backup":
      return newServers(plan, inputs)
    case "master":
      return [...newServers(plan, inputs), ...plan.directors]
    case "lose":
    case "teardown":
      // Who serves nobody now may have served any.
      return plan.cluster === undefined ? everyDirector(plan, inputs) : plan.directors
    default:
      return assertNever(plan.phase)
  }
}

/** Hosts that the director is to send to, and does not yet. */
function newServers(plan: HostPlan, inputs: readonly HostInput[]): string[] {
  const input = inputs.find(({ observed }) => observed.host === plan.host)
  const known = new Set(serverKeys(input?.observed.agent?.desired?.services ?? []).keys())
  const wanted = serverKeys(input?.view.director?.services ?? [])
  return [...new Set([...wanted].filter(([key]) => !known.has(key)).map(([, host]) => host))]
}

function serverKeys(services: readonly DesiredService[]): Map<string, string> {
  return new Map(
    services.flatMap((service) =>
      service.servers.map((server): [string, string] => [keyOf(service, server), server.host]),
    ),
  )
}

function everyDirector(plan: HostPlan, inputs: readonly HostInput[]): string[] {
  return [...new Set([...plan.directors, ...inputs.flatMap((input) => input.directors)])]
}

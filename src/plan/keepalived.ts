import type { DirectorState, HostView } from "../model/desired.ts"
import { agentServices, keepalivedServices } from "../model/desired.ts"
import { plural } from "../core/text.ts"
import { serviceName } from "../model/ipvs.ts"
import type { Observed } from "../model/observed.ts"
import type { Guard, Notice } from "../model/plan.ts"

/** What to know of the services that keepalived programs on a director, or did until now. */
export function keepalivedNotices(view: HostView, observed: Observed): Notice[] {
  return [...lostServices(view, observed), ...endedDrains(view, observed)]
}

/** keepalived never looks at the kernel (DESIGN 12.12): what others removed there stays away. */
function lostServices(view: HostView, observed: Observed): Notice[] {
  const { agent, host } = observed
  if (agent === undefined) return []
  const applied = namesOf(agent.desired?.services ?? [])
  const held = new Set(agent.table.map(({ key }) => serviceName(key)))
  return [...namesOf(view.director?.services ?? [])]
    .filter((name) => applied.has(name) && !held.has(name))
    .map((name) => ({
      host,
      message: `virtual service ${name} is missing from the kernel, and keepalived, which programs it, does not put it back`,
      hint: `while ${host} is a backup: systemctl restart keepalived`,
    }))
}

/** keepalived knows nothing of an operator's drain. */
function endedDrains(view: HostView, { agent, host }: Observed): Notice[] {
  const services = keepalivedServices(view.director?.services ?? [])
  return (agent?.overrides ?? []).flatMap((override) => {
    const concerned = services.find(
      ({ name, servers }) =>
        (override.service ?? name) === name && servers.some((item) => item.host === override.host),
    )
    if (concerned === undefined) return []
    return [
      {
        host,
        message: `the drain of ${override.host} does not count for ${concerned.name}, which keepalived programs: it takes new connections`,
        hint: `lbctl resume ${override.host}, and give it weight: 0 in the definition`,
      },
    ]
  })
}

/**
 * Services that keepalived is to hand to the agent where it would take them out of the kernel, after the agent adopted
 * them: `lbagent reload-keepalived` keeps it from that by ending its checker, which it can't while the checker has other
 * services, and not at all when keepalived is stopped because nothing is left for it.
 */
export function tablesTakenDown(
  wanted: DirectorState,
  actual: DirectorState,
  host: string,
): Guard[] {
  const before = namesOf(actual.services)
  const passing = agentServices(wanted.services).filter(({ key }) => before.has(serviceName(key)))
  const cure = whyTakenDown(wanted)
  if (passing.length === 0 || cure === undefined) return []
  return [
    {
      guard: "table-taken-down",
      host,
      message: `keepalived gives up ${plural(passing.length, "virtual service")} and takes them out of the kernel, with all connections`,
      hint: `${cure}; or change a director while it is a backup, with --allow table-taken-down, and run lbagent reload on ${host} afterwards`,
    },
  ]
}

/** What to do instead, where services that leave keepalived would be lost. */
function whyTakenDown({ services, vrrp }: DirectorState): string | undefined {
  if (keepalivedServices(services).length > 0)
    return "write ipvs: native in all clusters of this director at once"
  if (vrrp.every(({ driver }) => driver === "native"))
    return "write ipvs: native first, and driver: native in an apply after it"
  return undefined
}

function namesOf(services: Parameters<typeof keepalivedServices>[0]): Set<string> {
  return new Set(keepalivedServices(services).map(({ key }) => serviceName(key)))
}

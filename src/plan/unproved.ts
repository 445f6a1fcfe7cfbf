import type { DesiredService } from "../model/desired.ts"
import type { Notice } from "../model/plan.ts"
import type { HostInput } from "./host.ts"

/**
 * Hosts of others that join a service which does not ask real servers through the VIP: nothing would keep clients from one
 * that does not hold the VIP. `unmanaged` names the hosts that lbctl does not log in to.
 */
export function unprovedServers(
  inputs: readonly Pick<HostInput, "view" | "observed">[],
  unmanaged: ReadonlySet<string>,
): Notice[] {
  if (unmanaged.size === 0) return []
  const joined = inputs.flatMap(({ view, observed }) => {
    const before = new Set(members(observed.agent?.desired?.services ?? []).map(inWords))
    return members((view.director?.services ?? []).filter((service) => !asksByVip(service))).filter(
      (member) => unmanaged.has(member.host) && !before.has(inWords(member)),
    )
  })
  return [...new Set(joined.map(({ host }) => host))].map((host) => {
    const services = new Set(joined.filter((one) => one.host === host).map((one) => one.service))
    return {
      host,
      message: `joins ${[...services].join(", ")} without a check through the VIP, and lbctl does not set it up`,
      hint: `lbctl realserver verify --limit ${host} tells whether it holds its VIPs`,
    }
  })
}

interface Member {
  readonly service: string
  readonly host: string
}

/** Real servers that need the VIP: nat changes the address of what it forwards. */
function members(services: readonly DesiredService[]): Member[] {
  return services.flatMap(({ name, servers }) =>
    servers
      .filter(({ forwarding }) => forwarding !== "nat")
      .map(({ host }) => ({ service: name, host })),
  )
}

function inWords({ service, host }: Member): string {
  return `${service} ${host}`
}

function asksByVip({ ipvs, check }: DesiredService): boolean {
  return ipvs === undefined && check?.via === "vip"
}

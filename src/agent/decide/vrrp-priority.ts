import type { DesiredVrrp } from "../../model/desired.ts"
import type { Override } from "../../model/override.ts"

/** The priorities of one instance, once operators had their say. */
export interface VrrpPriorities {
  /** The one that keepalived was configured with, or the VRRP process. */
  readonly defined: number
  /** The one it shall have. */
  readonly wanted: number
  /** The lowest of its peers: a handover goes below it. */
  readonly lowestPeer: number
}

/** The priorities of an instance by the overrides in force, those of its peers included. */
export function prioritiesOf(vrrp: DesiredVrrp, overrides: readonly Override[]): VrrpPriorities {
  const given = overrides.flatMap(({ action, host, cluster, priority }) =>
    action === "priority" && cluster === vrrp.cluster && priority !== undefined
      ? [{ host, priority }]
      : [],
  )
  const own = given.find(({ host }) => vrrp.host !== undefined && host === vrrp.host)
  const peers = given.filter((other) => other !== own && vrrp.directors.includes(other.host ?? ""))
  return {
    defined: vrrp.priority,
    wanted: own?.priority ?? vrrp.priority,
    lowestPeer: Math.min(vrrp.lowestPeerPriority, ...peers.map(({ priority }) => priority)),
  }
}

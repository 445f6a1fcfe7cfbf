import { family } from "../../core/address.ts"
import { isLinkScope } from "../../core/address-scope.ts"
import type { DesiredService, DirectorState } from "../../model/desired.ts"

/** An address of this host, as far as the choice of a source needs it. */
export interface HeldAddress {
  readonly interface: string
  readonly address: string
  readonly family: 4 | 6
}

/**
 * The director's own address from which a service's servers are asked: VRRP's source where it has the family, else an
 * address of the same interface that is neither a VIP nor of link scope. Undefined: the kernel chooses.
 * Only addresses the host holds are chosen; a bind to another would fail every check.
 */
export function checkSource(
  state: DirectorState,
  service: DesiredService,
  addressFamily: 4 | 6,
  held: readonly HeldAddress[],
): string | undefined {
  const instances = state.vrrp.filter((vrrp) => vrrp.cluster === service.cluster)
  const own = instances.find((vrrp) => family(vrrp.source) === addressFamily)?.source
  if (own !== undefined && held.some(({ address }) => address === own)) return own
  const floating = new Set(state.vrrp.flatMap((vrrp) => [vrrp.anchor, ...vrrp.vips]))
  return held.find(
    (candidate) =>
      candidate.family === addressFamily &&
      instances.some((vrrp) => vrrp.interface === candidate.interface) &&
      !floating.has(candidate.address) &&
      !isLinkScope(candidate.address),
  )?.address
}

import type { IpvsTimeouts } from "../../model/ipvs.ts"
import { stepTimeouts } from "../decide/timeouts.ts"
import type { IpvsKernel } from "../kernel/ipvs-kernel.ts"
import type { AgentStore } from "../store/store.ts"

/**
 * Makes the kernel's timeouts the wanted ones and puts those back that are no longer wanted; the values before lbctl
 * are on disk before the first is written. Throws when kernel or disk refuse.
 */
export function settleTimeouts(
  wanted: Partial<IpvsTimeouts>,
  kernel: Pick<IpvsKernel, "timeouts" | "setTimeouts">,
  store: Pick<AgentStore, "owned" | "saveOwned">,
): void {
  const { timeouts: before = {}, ...record } = store.owned()
  if (isEmpty(wanted) && isEmpty(before)) return
  const { set, prior } = stepTimeouts(wanted, kernel.timeouts(), before)
  const save = (timeouts: Partial<IpvsTimeouts>): void =>
    store.saveOwned({ ...record, ...(isEmpty(timeouts) ? {} : { timeouts }) })
  save({ ...before, ...prior })
  if (!isEmpty(set)) kernel.setTimeouts(set)
  save(prior)
}

function isEmpty(timeouts: Partial<IpvsTimeouts>): boolean {
  return Object.keys(timeouts).length === 0
}

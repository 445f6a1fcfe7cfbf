import { groupBy } from "../core/group.ts"
import type { Problem } from "../core/problem.ts"
import type { Fleet } from "../model/fleet.ts"
import { isUnmanaged, type UnmanagedHost } from "../model/unmanaged.ts"
import { hostList } from "../plan/host-list.ts"

/**
 * Why a command that logs in to hosts has nothing to do for a `--limit`: all the hosts that it names are others' to set up. Told
 * by the lines that say so; none where lbctl manages one of them. Problems: limit.
 */
export function nobodyToManage(
  { hosts }: Pick<Fleet, "hosts">,
  chosen: ReadonlySet<string>,
): Problem[] {
  const named = hosts.filter(({ name }) => chosen.has(name))
  const unmanaged = named.filter(isUnmanaged)
  if (unmanaged.length < named.length) return []
  return [...groupBy(unmanaged, placeOf)].map(([place, alike]) => ({
    rule: "limit",
    message: `${whose(alike.map(({ name }) => name))} to set up (lbctl_managed: false, ${place})`,
    hint: "lbctl realserver verify proves from the directors what others set up",
  }))
}

function placeOf({ unmanaged }: UnmanagedHost): string {
  return `${unmanaged.file}:${unmanaged.line}`
}

function whose(names: readonly string[]): string {
  return `${hostList(names)} ${names.length === 1 ? "is" : "are"} not lbctl's`
}

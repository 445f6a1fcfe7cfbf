import { Failure } from "../core/failure.ts"
import type { OverrideScope } from "../model/override.ts"
import type { GuardName } from "../model/plan.ts"
import { covers } from "../plan/overrides.ts"
import { backendRows, type BackendRow, type Seen } from "./tables.ts"

/**
 * Looks whether these targets may go without leaving a service with nobody to serve it.
 * @throws Failure `guarded` when they may not, unless that is allowed; nothing was changed then.
 */
export function guardLastServer(
  seen: readonly Seen[],
  targets: readonly OverrideScope[],
  allowed: ReadonlySet<GuardName>,
): void {
  if (allowed.has("last-server")) return
  const last = lastServers(backendRows(seen), targets)
  if (last.length === 0) return
  throw new Failure("guarded", `nothing was changed: ${last.join("; ")}`, {
    hint: "lbctl show backends tells why; if it is meant: --allow last-server",
  })
}

/** A line for each service of a director in which none but the targets has a weight. */
export function lastServers(
  rows: readonly BackendRow[],
  targets: readonly OverrideScope[],
): string[] {
  const serving = rows.filter(({ weight }) => weight !== undefined && weight > 0)
  const isMeant = ({ host, name }: BackendRow) =>
    targets.some((target) => covers(target, { host, service: name }))
  return serving
    .filter(isMeant)
    .filter(
      (row) =>
        !serving.some(
          (other) =>
            other.director === row.director && other.service === row.service && !isMeant(other),
        ),
    )
    .map(
      ({ host, name, service: key, director }) =>
        `${host} is the last to serve ${name} (${key}) on ${director}`,
    )
}

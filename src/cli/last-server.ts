import { Failure } from "../core/failure.ts"
import type { GuardName } from "../model/plan.ts"
import { look } from "./look.ts"
import type { Definition } from "./pipeline.ts"
import { backendRows, type BackendRow } from "./tables.ts"

/**
 * Looks whether drains of each `HOST` or `HOST:SERVICE` leave their services with somebody to serve them.
 * @throws Failure `guarded` when they do not, unless that is allowed; nothing was changed then.
 */
export async function guardLastServer(
  definition: Definition,
  directors: ReadonlySet<string>,
  targets: readonly string[],
  allowed: ReadonlySet<GuardName>,
): Promise<void> {
  if (allowed.has("last-server")) return
  const last = lastServers(backendRows(await look(definition, directors, true)), targets)
  if (last.length === 0) return
  throw new Failure("guarded", `nothing was changed: ${last.join("; ")}`, {
    hint: "lbctl show backends tells why; if it is meant: --allow last-server",
  })
}

/** A line for each service of a director in which none but the targets has a weight. */
export function lastServers(rows: readonly BackendRow[], targets: readonly string[]): string[] {
  const serving = rows.filter(({ weight }) => weight !== undefined && weight > 0)
  const isMeant = (row: BackendRow) =>
    targets.some((target) => target === row.host || target === `${row.host}:${row.name}`)
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

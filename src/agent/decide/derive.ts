import type { DirectorState } from "../../model/desired.ts"
import type { IpvsService } from "../../model/ipvs.ts"
import { serviceName } from "../../model/ipvs.ts"
import { wantedTable } from "../../plan/ipvs.ts"
import { stepQuorum } from "../../plan/ipvs-quorum.ts"
import type { QuorumState } from "../../plan/ipvs-runtime.ts"
import { slowStarts } from "./slow-start.ts"
import type { Basis, Known } from "./touched.ts"
import { touchedServices } from "./touched.ts"

/** The table a director's kernel shall hold, its private check services aside, and what it followed from. */
export interface Derivation extends Basis {
  /** By serviceName: first the definition's in its order, then those that leave. */
  readonly table: ReadonlyMap<string, IpvsService>
  readonly quorum: ReadonlyMap<string, QuorumState>
}

/** Derives the whole table. */
export function derive(state: DirectorState, known: Known): Derivation {
  const services = new Map(
    state.services.map((service) => [serviceName(service.key), service] as const),
  )
  return { ...derivePart(state, known), services, known }
}

/**
 * What `derive` of the same definition gives, by the work that the change takes: a service for which nothing changed stays the same
 * object. `heard` are the servers, by `serverKey`, whose health may be another than before; `adopted` is as before, and the clock
 * was not set back.
 */
export function deriveAgain(
  former: Derivation,
  state: DirectorState,
  known: Known,
  heard: readonly string[],
): Derivation {
  const { services } = former
  const touched = touchedServices(former, known, heard)
  const some = [...services].flatMap(([name, service]) => (touched.has(name) ? [service] : []))
  const part = derivePart({ ...state, services: some }, known)
  const table = new Map(former.table)
  // What leaves is touched as long as it drains, so the part has all of it.
  for (const name of former.table.keys()) if (!services.has(name)) table.delete(name)
  for (const [name, service] of part.table) table.set(name, service)
  const quorum = new Map([...former.quorum, ...part.quorum])
  return { ...part, table, quorum, services, known }
}

function derivePart(
  state: DirectorState,
  known: Known,
): Pick<Derivation, "table" | "quorum" | "ramps"> {
  const ramps = slowStarts(state, known, known.nowMs)
  const runtime = { ...known, ramps: { get: (key: string) => ramps.get(key)?.weight } }
  const quorum = stepQuorum(state, runtime)
  const table = wantedTable(state, { ...runtime, quorum })
  return {
    table: new Map(table.map((service) => [serviceName(service.key), service] as const)),
    quorum,
    ramps,
  }
}

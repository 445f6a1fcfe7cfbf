import { instantOf } from "../../core/instant.ts"
import type { DirectorState } from "../../model/desired.ts"
import type { IpvsTable } from "../../model/ipvs.ts"
import { quorumOfTable } from "../../plan/ipvs-quorum.ts"
import type { QuorumState } from "../../plan/ipvs-runtime.ts"
import { adoptedServers } from "../../plan/ipvs-runtime.ts"
import type { KnownHealth } from "../decide/targets.ts"
import type { Known } from "../decide/touched.ts"
import { DrainBook } from "./drain-book.ts"
import { HealthBook } from "./health-book.ts"
import { OverrideBook } from "./override-book.ts"
import type { AgentStore } from "../store/store.ts"

/** What a director knows at run time besides its definition. Its books are on disk, so that a new process goes on with them. */
export class Knowledge {
  readonly health: HealthBook
  readonly overrides: OverrideBook
  readonly drains: DrainBook
  quorum: ReadonlyMap<string, QuorumState> = new Map()
  #adopted: ReadonlyMap<string, number> = new Map()

  constructor(store: AgentStore, log: (line: string) => void, nowMs: number) {
    this.overrides = new OverrideBook(store, instantOf(nowMs))
    this.health = new HealthBook(store, log, nowMs)
    this.drains = new DrainBook(store, log, nowMs)
  }

  /** Learns from the kernel what it serves with: where nothing else is known yet, that stands. */
  adopt(own: DirectorState, table: IpvsTable): void {
    this.quorum = new Map([...quorumOfTable(own, table), ...this.quorum])
    this.#adopted = adoptedServers(table)
  }

  /** All of it, as of now. */
  at(nowMs: number): Known {
    const { known } = this.health
    return {
      health: { get: (key) => known.get(key)?.state },
      fallen: { get: (key) => known.get(key)?.lastUpMs },
      told: { get: (key) => known.get(key)?.weight },
      joined: (key) => known.get(key)?.joinedMs,
      resumed: this.overrides.resumptions,
      overrides: this.overrides.inForce,
      draining: this.drains.all.map(({ service, destination, untilMs }) => ({
        service,
        destination,
        until: instantOf(untilMs),
      })),
      quorum: this.quorum,
      adopted: this.#adopted,
      now: instantOf(nowMs),
      nowMs,
    }
  }

  /** What the health process is to begin with for a server, by `serverKey`. */
  healthOf(serverKey: string, nowMs: number): KnownHealth {
    const unknown = { state: "unknown" as const, message: "", sinceMs: nowMs }
    const { key: _, ...known } = this.health.known.get(serverKey) ?? { key: serverKey, ...unknown }
    return { ...known, pooled: (this.#adopted.get(serverKey) ?? 0) > 0 }
  }
}

import type { Override, OverrideScope, ServerAction, ServerOverride } from "../../model/override.ts"
import {
  liftedRecord,
  mergeRecords,
  missingRecords,
  remembered,
  stampAfter,
} from "../../plan/override-records.ts"
import { isInForce, isMeantBy } from "../../plan/overrides.ts"
import type { Resumption } from "../decide/slow-start.ts"
import type { AgentStore } from "../store/store.ts"

/** A word on real servers that is not dated yet. */
export type Undated = Omit<ServerOverride, "since" | "lifted" | "rampMs" | "priority" | "cluster">

/** Who lifts what: all overrides of an action that a scope names. */
export interface Lifting extends OverrideScope {
  readonly action: ServerAction
  readonly by: string
}

/**
 * What operators said, on disk before it counts; also what is over, since another director may not know it yet. Every change
 * throws when the disk refuses, and then changes nothing. Times are ISO 8601 in UTC.
 */
export class OverrideBook {
  readonly #store: Pick<AgentStore, "overrides" | "saveOverrides">
  #records: readonly Override[]
  #inForce: readonly Override[]

  constructor(store: Pick<AgentStore, "overrides" | "saveOverrides">, now: string) {
    this.#store = store
    this.#records = store.overrides()
    this.#inForce = inForce(this.#records, now)
  }

  /** The overrides that count. */
  get inForce(): readonly Override[] {
    return this.#inForce
  }

  /** Those that were lifted or expired, as far as they are remembered. */
  get past(): readonly Override[] {
    return this.#records.filter((record) => !this.#inForce.includes(record))
  }

  /** Drains that were lifted with a ramp, as far as they are remembered. */
  get resumptions(): readonly Resumption[] {
    return this.past.flatMap(({ rampMs, since, ...scope }) =>
      rampMs === undefined ? [] : [{ ...scope, fromMs: Date.parse(since), overMs: rampMs }],
    )
  }

  /** Sets an override, in the place of one with the same action and scope. */
  set(asked: Undated, now: string): Override {
    const override = { ...asked, since: stampAfter(this.#records, asked, now) }
    this.merge([override], now)
    return override
  }

  /**
   * Lifts an action for a scope: for a host without a service, for all its services. False when there is none.
   */
  lift({ action, by, ...scope }: Lifting, now: string): boolean {
    const records = this.#inForce
      .filter((override) => override.action === action && isMeantBy(override, scope))
      .map((override) => liftedRecord(this.#records, override, by, now))
    this.merge(records, now)
    return records.length > 0
  }

  /** Takes in what another book has; returns the records that were news here. */
  merge(records: readonly Override[], now: string): readonly Override[] {
    const news = missingRecords(this.#records, records)
    if (news.length > 0) this.#keep(mergeRecords(this.#records, news), now)
    return news
  }

  /** Whether an override ended with time since the last look; forgets what is over for long. */
  expire(now: string): boolean {
    const known = remembered(this.#records, now)
    if (known.length < this.#records.length) this.#keep(known, now)
    const before = this.#inForce.length
    this.#inForce = inForce(this.#records, now)
    return this.#inForce.length < before
  }

  #keep(records: readonly Override[], now: string): void {
    const kept = remembered(records, now)
    this.#store.saveOverrides(kept)
    this.#records = kept
    this.#inForce = inForce(kept, now)
  }
}

function inForce(records: readonly Override[], now: string): readonly Override[] {
  return records.filter((record) => isInForce(record, now))
}

import { canonicalJson } from "../core/digest.ts"
import { later } from "../core/instant.ts"
import { compareText } from "../core/text.ts"
import type { Override } from "../model/override.ts"
import { isInForce } from "./overrides.ts"

/** How long a record that is over is remembered: a director that was away for longer may bring an override back. */
const memoryMs = 30 * 86_400_000

/** What identifies an override: two with the same action and scope are one, of which the newer counts. */
export function slotOf({ action, host, service, cluster }: Override): string {
  const where = cluster === undefined ? [] : [cluster]
  return canonicalJson([action, host ?? null, service ?? null, ...where])
}

/** The records of several books brought together: of each slot the newest, in one order whatever came first. */
export function mergeRecords(...books: readonly (readonly Override[])[]): Override[] {
  const newest = new Map<string, Override>()
  for (const record of books.flat()) {
    const slot = slotOf(record)
    const known = newest.get(slot)
    if (known === undefined || isNewer(record, known)) newest.set(slot, record)
  }
  return [...newest].sort(([a], [b]) => compareText(a, b)).map(([, record]) => record)
}

/** The records that `book` lacks, or has an older version of. */
export function missingRecords(book: readonly Override[], all: readonly Override[]): Override[] {
  const known = new Map(book.map((record) => [slotOf(record), record]))
  return all.filter((record) => {
    const held = known.get(slotOf(record))
    return held === undefined || isNewer(record, held)
  })
}

/** The records without those that are over for so long that nobody needs to be told. `now` is ISO 8601 in UTC. */
export function remembered(records: readonly Override[], now: string): Override[] {
  const limit = later(now, -memoryMs)
  return records.filter(
    (record) => isInForce(record, now) || latest(record.since, record.expires) > limit,
  )
}

/**
 * A time for a new record that makes it the newest of its slot, whatever the clocks: `now`, or a millisecond after the known one.
 */
export function stampAfter(
  records: readonly Override[],
  record: Omit<Override, "since">,
  now: string,
): string {
  const slot = slotOf({ ...record, since: now })
  const known = records.find((other) => slotOf(other) === slot)?.since
  return known === undefined || known < now ? now : later(known, 1)
}

/** The record by which somebody ends an override, newer than all that `records` has of its slot. */
export function liftedRecord(
  records: readonly Override[],
  { expires: _expires, reason: _reason, ...override }: Override,
  by: string,
  now: string,
): Override {
  return { ...override, by, since: stampAfter(records, override, now), lifted: true }
}

/** Two of one moment are told apart by their text, so that everybody keeps the same one. */
function isNewer(a: Override, b: Override): boolean {
  if (a.since !== b.since) return a.since > b.since
  return canonicalJson(a) > canonicalJson(b)
}

function latest(since: string, expires: string | undefined): string {
  return expires === undefined || expires < since ? since : expires
}

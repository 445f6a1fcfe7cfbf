import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Override } from "../../src/model/override.ts"
import { lagging } from "../../src/plan/override-lag.ts"
import {
  liftedRecord,
  mergeRecords,
  missingRecords,
  remembered,
  slotOf,
  stampAfter,
} from "../../src/plan/override-records.ts"

const time = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString()

const record: fc.Arbitrary<Override> = fc
  .record({
    action: fc.constantFrom("drain" as const, "disable" as const),
    host: fc.constantFrom("rs1", "rs2"),
    service: fc.constantFrom("web", undefined),
    by: fc.constantFrom("ann", "bob"),
    since: fc.nat(4).map(time),
    lifted: fc.constantFrom(true as const, undefined),
  })
  .map(({ service, lifted, ...rest }) => ({
    ...rest,
    ...(service === undefined ? {} : { service }),
    ...(lifted === undefined ? {} : { lifted }),
  }))
const book = fc.array(record, { maxLength: 6 }).map((records) => mergeRecords(records))

describe("what directors were told", () => {
  it("comes to the same whoever tells whom, in whatever order and however often", () => {
    fc.assert(
      fc.property(book, book, book, (a, b, c) => {
        const all = mergeRecords(a, b, c)
        expect(mergeRecords(c, mergeRecords(b, a))).toEqual(all)
        expect(mergeRecords(all, b, all)).toEqual(all)
      }),
    )
  })

  it("is complete once a director got what it misses, and no more is sent", () => {
    fc.assert(
      fc.property(book, book, (mine, other) => {
        const all = mergeRecords(mine, other)
        const missing = missingRecords(mine, all)
        expect(mergeRecords(mine, missing)).toEqual(all)
        expect(missing.every((one) => !mine.some((known) => known === one))).toBe(true)
        expect(missingRecords(all, all)).toEqual([])
      }),
    )
  })

  it("keeps a director's priorities in two clusters apart", () => {
    const given: Override = {
      action: "priority",
      host: "lb1",
      cluster: "tokyo",
      priority: 90,
      by: "ann",
      since: time(1),
    }
    const other = { ...given, cluster: "osaka" }
    const newer = { ...given, priority: 80, since: time(2) }
    expect(new Set(mergeRecords([given, other], [newer]))).toEqual(new Set([other, newer]))
  })

  it("keeps the newest word of a slot, also where it only lifts", () => {
    const set: Override = { action: "drain", host: "rs1", by: "ann", since: time(1) }
    const lifted: Override = { ...set, by: "bob", since: time(2), lifted: true }
    expect(mergeRecords([set], [lifted])).toEqual([lifted])
    expect(mergeRecords([{ ...set, since: time(3) }], [lifted])).toEqual([
      { ...set, since: time(3) },
    ])
  })

  it("gives a new word a time after what is known, also where a clock is behind", () => {
    fc.assert(
      fc.property(book, record, fc.nat(5).map(time), (known, asked, now) => {
        const since = stampAfter(known, asked, now)
        expect(since >= now).toBe(true)
        const merged = mergeRecords(known, [{ ...asked, since }])
        expect(merged.find((one) => slotOf(one) === slotOf(asked))?.since).toBe(since)
      }),
    )
  })

  it("is lifted by a newer record of the same slot, without its reason and its end", () => {
    const drain: Override = {
      action: "drain",
      host: "rs1",
      by: "ann",
      since: time(5),
      reason: "disk",
      expires: time(9),
    }
    const lifted = liftedRecord([drain], drain, "bob", time(2))
    expect(lifted).toEqual({
      action: "drain",
      host: "rs1",
      by: "bob",
      since: time(6),
      lifted: true,
    })
    expect(mergeRecords([drain], [lifted])).toEqual([lifted])
  })

  it("forgets what is over for thirty days, and nothing that stands", () => {
    const day = 86_400_000
    const stands: Override = { action: "drain", host: "rs1", by: "ann", since: time(0) }
    const lifted: Override = { ...stands, host: "rs2", lifted: true }
    const expired: Override = { ...stands, host: "rs3", expires: time(5 * day) }
    const all = [stands, lifted, expired]
    expect(remembered(all, time(29 * day))).toEqual(all)
    expect(remembered(all, time(31 * day))).toEqual([stands, expired])
    expect(remembered(all, time(36 * day))).toEqual([stands])
  })

  it("is missed by a director that was away or is new, by its own clusters' directors alone", () => {
    const drain: Override = { action: "drain", host: "rs1", by: "ann", since: time(0) }
    const books = [
      { director: "lb1", peers: ["lb1", "lb2"], records: [drain] },
      { director: "lb2", peers: ["lb1", "lb2"], records: [] },
      { director: "lb3", peers: ["lb3"], records: [] },
    ]
    expect([...lagging(books)]).toEqual([["lb2", [drain]]])
  })
})

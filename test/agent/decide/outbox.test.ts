import { describe, expect, it } from "vitest"
import { due, emptyOutbox, ended, mostPending, posted } from "../../../src/agent/decide/outbox.ts"
import type { StateChange } from "../../../src/model/state-change.ts"

function changes(count: number, first = 0): StateChange[] {
  return Array.from({ length: count }, (_, index) => ({
    at: "",
    kind: "vrrp",
    name: `v${first + index}`,
    from: "BACKUP",
    to: "MASTER",
    message: "",
  }))
}

describe("an outbox", () => {
  it("sends what came together as one, and then not before its interval is over", () => {
    const first = due(posted(emptyOutbox, changes(3)), 1000, 60_000)
    expect(first.batch).toEqual({ pending: changes(3), omitted: 0 })
    const after = ended(posted(first.outbox, changes(1, 3)), undefined, 1100, 10_000)
    expect(due(after, 60_999, 60_000).batch).toBeUndefined()
    expect(due(after, 61_000, 60_000).batch).toEqual({ pending: changes(1, 3), omitted: 0 })
  })

  it("sends one at a time", () => {
    const { outbox } = due(posted(emptyOutbox, changes(1)), 0, 0)
    expect(due(posted(outbox, changes(1)), 5, 0).batch).toBeUndefined()
  })

  it("keeps what failed before what came since, and rests", () => {
    const { outbox, batch } = due(posted(emptyOutbox, changes(2)), 0, 0)
    const after = ended(posted(outbox, changes(1, 2)), batch, 100, 10_000)
    expect(due(after, 10_099, 0).batch).toBeUndefined()
    expect(due(after, 10_100, 0).batch).toEqual({ pending: changes(3), omitted: 0 })
  })

  it("is bounded: the oldest become a number", () => {
    const full = posted(posted(emptyOutbox, changes(mostPending)), changes(7, mostPending))
    const { outbox, batch } = due(full, 0, 0)
    expect(batch).toEqual({ pending: changes(mostPending, 7), omitted: 7 })
    const after = ended(posted(outbox, changes(1)), batch, 0, 0)
    expect([after.pending.length, after.omitted]).toEqual([mostPending, 8])
  })
})

import { beforeEach, describe, expect, it } from "vitest"
import type { Drain } from "../../../src/agent/decide/drain.ts"
import { DrainBook } from "../../../src/agent/director/drain-book.ts"
import { at, destination } from "../../plan/samples.ts"
import { FakeStore } from "../../fakes/agent-store.ts"

const drain: Drain = {
  service: { key: at(80), scheduler: "wlc", flags: [], onePacket: false },
  destination: destination(1),
  sinceMs: 1000,
  untilMs: 31_000,
}

let store: FakeStore
let lines: string[]
beforeEach(() => {
  store = new FakeStore()
  lines = []
})

const open = (nowMs: number) => new DrainBook(store, (line) => lines.push(line), nowMs)

describe("drains under way", () => {
  it("keep their time over a restart", () => {
    open(0).set([drain])
    expect(open(20_000).all).toEqual([drain])
  })

  it("take no longer than they were to when the clock was set back meanwhile", () => {
    store.underway = [{ ...drain, sinceMs: 1_001_000, untilMs: 1_031_000 }]
    expect(open(0).all[0]?.untilMs).toBe(30_000)
  })

  it("are written when one begins or ends, not when more is known of it", () => {
    const book = open(0)
    book.set([drain])
    store.full = true
    book.set([{ ...drain, idleSinceMs: 5000 }])
    expect([lines, book.all[0]?.idleSinceMs]).toEqual([[], 5000])
  })

  it("go on when the disk refuses, which is told", () => {
    const book = open(0)
    store.full = true
    book.set([drain])
    expect([book.all, lines]).toEqual([[drain], [expect.stringContaining("ENOSPC")]])
  })
})

import { beforeEach, describe, expect, it } from "vitest"
import { HealthBook } from "../../../src/agent/director/health-book.ts"
import type { HealthReport } from "../../../src/agent/messages.ts"
import { FakeStore } from "../../fakes/agent-store.ts"

const noonMs = Date.parse("2026-01-01T12:00:00.000Z")
const minuteMs = 60_000
const up: HealthReport = { key: "a", state: "up", message: "HTTP 200", sinceMs: 7, joinedMs: 7 }
const down: HealthReport = { key: "b", state: "down", message: "refused", sinceMs: 8, lastUpMs: 8 }

let store: FakeStore
let lines: string[]

beforeEach(() => {
  store = new FakeStore()
  lines = []
})

function open(nowMs = noonMs): HealthBook {
  return new HealthBook(store, (line) => lines.push(line), nowMs)
}

function keep(...reports: readonly HealthReport[]): HealthBook {
  const book = open()
  for (const report of reports) book.set(report)
  book.tick(noonMs)
  return book
}

describe("health on disk", () => {
  it("is known to the next process, with all that follows from it", () => {
    keep(up, down)
    expect([...open(noonMs + minuteMs).known.values()]).toEqual([up, down])
  })

  it("is worth nothing after five minutes, or from a future that a set clock made", () => {
    keep(up)
    expect(open(noonMs + 5 * minuteMs).known.size).toBe(1)
    expect(open(noonMs + 5 * minuteMs + 1).known.size).toBe(0)
    expect(open(noonMs - 1).known.size).toBe(0)
  })

  it("tells every minute that it is still true", () => {
    const book = keep(up)
    book.tick(noonMs + 59_000)
    expect(store.knownHealth?.keptMs).toBe(noonMs)
    book.tick(noonMs + minuteMs)
    expect(store.knownHealth?.keptMs).toBe(noonMs + minuteMs)
  })

  it("is written once a second at most, however servers flap", () => {
    const book = keep(up)
    book.set(down)
    book.tick(noonMs + 999)
    expect(store.knownHealth?.servers).toEqual([up])
    book.tick(noonMs + 1000)
    expect(store.knownHealth?.servers).toEqual([up, down])
  })

  it("leaves out servers nobody knows anything of, and those that left", () => {
    const book = keep(up, down, { key: "c", state: "unknown", message: "", sinceMs: 0 })
    expect(store.knownHealth?.servers).toEqual([up, down])
    book.keepOnly(new Set(["b"]))
    book.tick(noonMs + 1000)
    expect(store.knownHealth?.servers).toEqual([down])
  })

  it("does without a disk that refuses, and says so once", () => {
    store.full = true
    const book = keep(up)
    for (const ms of [1000, 61_000, 121_000]) {
      book.set(down)
      book.tick(noonMs + ms)
    }
    expect(book.known.size).toBe(2)
    expect(lines).toEqual(["health was not kept on disk: ENOSPC: no space left on device, write"])
  })
})

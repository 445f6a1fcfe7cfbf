import { beforeEach, describe, expect, it } from "vitest"
import { OverrideBook } from "../../../src/agent/director/override-book.ts"
import { FakeStore } from "../../fakes/agent-store.ts"

const noon = "2026-01-01T12:00:00.000Z"
const later = "2026-01-01T12:05:00.000Z"
const drain = { action: "drain", host: "rs1", by: "ann", reason: "disk" } as const

let store: FakeStore
beforeEach(() => (store = new FakeStore()))

const open = (now = noon) => new OverrideBook(store, now)

describe("what operators said, on a director", () => {
  it("is on disk before it counts, and known to the next process", () => {
    open().set(drain, noon)
    expect(open().inForce).toEqual([{ ...drain, since: noon }])
  })

  it("does not count when the disk refuses it", () => {
    const book = open()
    store.full = true
    expect(() => book.set(drain, noon)).toThrow("ENOSPC")
    expect(book.inForce).toEqual([])
  })

  it("is lifted for a host with all its services, and remembered for other directors", () => {
    const book = open()
    book.set(drain, noon)
    book.set({ ...drain, service: "web" }, noon)
    book.set({ ...drain, host: "rs2" }, noon)
    expect(book.lift({ action: "drain", host: "rs1", by: "bob" }, later)).toBe(true)
    expect(book.inForce.map(({ host }) => host)).toEqual(["rs2"])
    expect(book.past.map(({ service, by, since }) => [service, by, since])).toEqual([
      ["web", "bob", later],
      [undefined, "bob", later],
    ])
    expect(book.lift({ action: "drain", host: "rs1", by: "bob" }, later)).toBe(false)
  })

  it("takes from another director what is newer, and tells what of it was news", () => {
    const book = open()
    book.set(drain, later)
    const older = { ...drain, since: noon, by: "bob" }
    const other = { ...drain, host: "rs2", since: noon }
    expect(book.merge([older, other], later)).toEqual([other])
    expect(book.inForce).toEqual([{ ...drain, since: later }, other])
  })

  it("ends with time, which is told once", () => {
    const book = open()
    book.set({ ...drain, expires: later }, noon)
    expect(book.expire(noon)).toBe(false)
    expect(book.expire(later)).toBe(true)
    expect(book.expire(later)).toBe(false)
    expect([book.inForce.length, book.past.length]).toEqual([0, 1])
  })
})

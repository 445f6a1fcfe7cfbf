import { beforeEach, describe, expect, it } from "vitest"
import { OwnedBook } from "../../../src/agent/director/owned-book.ts"
import { FakeStore } from "../../fakes/agent-store.ts"

const [web, mail] = ["tcp 192.0.2.10:80", "tcp 192.0.2.10:25"]

let store: FakeStore
let lines: string[]
beforeEach(() => {
  store = new FakeStore()
  lines = []
})

const open = () => new OwnedBook(store, (line) => lines.push(line))

describe("the services that the agent owns", () => {
  it("are on disk before they are made, so that a crash forgets none", () => {
    open().add([web, mail])
    expect([...open().names]).toEqual([mail, web])
  })

  it("may not be made when the disk refuses", () => {
    const book = open()
    store.full = true
    expect(() => book.add([web])).toThrow("ENOSPC")
    expect(book.names.size).toBe(0)
  })

  it("go from the book after they went, even when the disk still has them", () => {
    const book = open()
    book.add([web, mail])
    store.full = true
    book.keepOnly(new Set([web]))
    expect([...book.names]).toEqual([web])
    expect(lines).toEqual([expect.stringContaining("ENOSPC")])
  })

  it("stay where their definition cannot be read, and are not removed", () => {
    const book = open()
    book.add([web, mail])
    book.setAside(new Set([mail]))
    expect([...book.removable]).toEqual([web])
    book.keepOnly(new Set([web]))
    expect([...book.names].sort()).toEqual([mail, web])
    book.setAside("all")
    expect([...book.removable]).toEqual([])
  })

  it("pass to keepalived with the definition, and back with all that it had", () => {
    const book = open()
    book.add([web])
    book.leaveTo(new Set([web, mail]))
    expect([book.names.size, store.record.keepalived]).toEqual([0, [mail, web]])
    book.leaveTo(new Set())
    expect([...book.names].sort()).toEqual([mail, web])
    expect(store.record.keepalived).toBeUndefined()
  })
})

import { describe, expect, it } from "vitest"
import { ProcessBook } from "../../src/agent/process-book.ts"
import type { StateChange } from "../../src/model/state-change.ts"

const since = "2026-01-01T12:00:00.000Z"

function account(name: string, restarts: number, lastEnd?: string) {
  return { name, pid: 7, since, restarts, ...(lastEnd === undefined ? {} : { lastEnd }) }
}

function booked(...lists: ReturnType<typeof account>[][]): [string, string][] {
  const changes: StateChange[] = []
  const book = new ProcessBook((change) => changes.push(change))
  for (const list of lists) book.take(list)
  expect(book.all).toEqual(lists.at(-1))
  return changes.map(({ name, message }) => [name, message])
}

describe("ProcessBook", () => {
  it("notes no first start", () => {
    expect(booked([account("engine", 0)], [account("engine", 0), account("health", 0)])).toEqual([])
  })

  it("notes the restart of another process", () => {
    const [before, after] = [account("health", 0), account("health", 1, "SIGKILL")]
    expect(booked([before], [after], [after])).toEqual([["health", "SIGKILL"]])
  })

  it("notes in a new engine that the engine was restarted, and nothing older", () => {
    const list = [account("engine", 2, "exit 1"), account("health", 3, "SIGKILL")]
    expect(booked(list)).toEqual([["engine", "exit 1"]])
  })
})

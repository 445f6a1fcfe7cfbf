import { ChildProcess } from "node:child_process"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { WatchedChild } from "../../src/agent/child.ts"
import type { Message } from "../../src/agent/messages.ts"

/** A child process that answers hellos as long as it is well. */
class FakeChild extends ChildProcess {
  readonly heard: Message[] = []
  override connected = true
  answers = true
  override send(message: unknown): boolean {
    this.heard.push(message as Message)
    if (this.answers) this.emit("message", message)
    return true
  }
  override kill(): boolean {
    this.emit("exit", null, "SIGKILL")
    return true
  }
}

describe("WatchedChild", () => {
  let children: FakeChild[] = []
  let lines: string[] = []
  let watched: WatchedChild

  beforeEach(() => {
    vi.useFakeTimers()
    children = []
    lines = []
    watched = new WatchedChild("engine", {
      start: () => {
        const child = new FakeChild()
        children.push(child)
        return child
      },
      now: () => Date.now(),
      log: (line) => lines.push(line),
      heard: () => undefined,
      started: () => undefined,
    })
    watched.start()
  })
  afterEach(() => {
    void watched.stop()
    vi.useRealTimers()
  })

  it("gives an account of itself: restarts, and how the last one ended", () => {
    expect(watched.account).toMatchObject({ name: "engine", restarts: 0 })
    expect(watched.account?.lastEnd).toBeUndefined()
    children[0]?.kill()
    vi.advanceTimersByTime(200)
    expect(watched.account).toMatchObject({ restarts: 1, lastEnd: "SIGKILL" })
  })

  it("lets a child live that answers", () => {
    for (let round = 0; round < 10; round++) watched.hello()
    expect(children).toHaveLength(1)
  })

  it("kills one that hangs, and starts it again", async () => {
    const [first] = children
    watched.hello()
    if (first) first.answers = false
    watched.hello()
    watched.hello()
    expect(children).toHaveLength(1)
    watched.hello()
    await vi.advanceTimersByTimeAsync(200)
    expect(children).toHaveLength(2)
    expect(lines[0]).toMatch(/engine hangs/)
  })

  it("gives one that has yet to answer fifteen seconds to start", async () => {
    const [first] = children
    if (first) first.answers = false
    for (let second = 0; second < 15; second++) {
      watched.hello()
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(lines).toEqual([])
    watched.hello()
    expect(lines[0]).toMatch(/engine hangs/)
  })

  it("has ended once its process has", async () => {
    await watched.stop()
    await watched.stop()
    expect(children).toHaveLength(1)
  })

  it("waits longer the more often it dies, ten seconds at most, and says why", async () => {
    const pauses: number[] = []
    for (let death = 0; death < 8; death++) {
      children.at(-1)?.kill()
      const before = Date.now()
      const count = children.length
      while (children.length === count) await vi.advanceTimersByTimeAsync(100)
      pauses.push(Date.now() - before)
    }
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    expect(lines[0]).toMatch(/engine ended \(SIGKILL\) after 0s; started again in 0.2s/)
  })

  it("does not start one that was told to end", async () => {
    void watched.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(children).toHaveLength(1)
  })
})

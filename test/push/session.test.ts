import { describe, expect, it } from "vitest"

import { openSession } from "../../src/push/session.ts"
import type { Transport } from "../../src/push/transport.ts"

function transports() {
  const closed: Transport[] = []
  const opened: { transport: Transport; once: boolean }[] = []
  const open = (once: boolean) => {
    const transport: Transport = {
      exec: () => Promise.reject(new Error("unused")),
      open: () => Promise.reject(new Error("unused")),
      close: () => void closed.push(transport),
    }
    opened.push({ transport, once })
    return Promise.resolve(transport)
  }
  return { open, opened, closed }
}

describe("a session", () => {
  it("keeps one connection, also for those who ask while it is being made", async () => {
    const { open, opened } = transports()
    const session = openSession(open)
    const [first, second] = await Promise.all([session.current(), session.current()])
    expect(first).toBe(second)
    expect(await session.current()).toBe(first)
    expect(opened).toHaveLength(1)
  })

  it("goes on with a renewed connection and keeps the former open", async () => {
    const { open, opened, closed } = transports()
    const session = openSession(open)
    await session.current()
    const renewed = await session.renew()
    expect(await session.current()).toBe(renewed)
    expect(opened.map((item) => item.once)).toEqual([false, true])
    expect(closed).toEqual([])
    session.close()
    expect(closed).toHaveLength(2)
  })

  it("falls back on the former connection when the new one dies, and reconnects when none is left", async () => {
    const { open } = transports()
    const session = openSession(open)
    const first = await session.current()
    const second = await session.renew()
    session.drop(second)
    expect(await session.current()).toBe(first)
    session.drop(first)
    expect(await session.current()).not.toBe(first)
  })

  it("tries again after a connection that could not be made", async () => {
    let count = 0
    const { open } = transports()
    const session = openSession((once) =>
      count++ === 0 ? Promise.reject(new Error("no")) : open(once),
    )
    await expect(session.current()).rejects.toThrow("no")
    await session.current()
  })
})

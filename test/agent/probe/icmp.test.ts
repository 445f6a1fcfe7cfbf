import { describe, expect, it } from "vitest"
import { openEchoSocket } from "../../../src/agent/kernel/echo-socket.ts"
import type { HealthCheck } from "../../../src/model/check.ts"
import { ask, rhythm } from "./servers.ts"

const icmp: HealthCheck = { ...rhythm, type: "icmp" }

function mayPing(): boolean {
  try {
    openEchoSocket(4, undefined).close()
    return true
  } catch {
    return false
  }
}

describe.skipIf(!mayPing())("an icmp check (needs CAP_NET_RAW)", () => {
  it("hears this host, many times at once, from an address of its own", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => ask(icmp, 0, { address: `127.0.1.${index + 1}` })),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(200)
    const outcome = await ask(icmp, 0, { source: "127.0.0.5" })
    expect(outcome).toEqual({ ok: true, message: "echo reply" })
    expect((await ask(icmp, 0, { source: "203.0.113.1" })).ok).toBe(false)
  })

  it("fails where nobody answers", async () => {
    const quick = { ...icmp, timeoutMs: 50 }
    expect((await ask(quick, 0, { address: "203.0.113.77" })).ok).toBe(false)
  })
})

import { afterAll, describe, expect, it } from "vitest"
import { openMarkedDatagrams } from "../../../src/agent/kernel/marked-socket.ts"
import { close } from "../../../src/agent/kernel/libc.ts"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Servers, ask, closedPort, datagrams, rhythm } from "./servers.ts"

const servers = new Servers()
afterAll(() => servers.close())

function mayMark(): boolean {
  try {
    close(openMarkedDatagrams({ address: "127.0.0.1", mark: 7 }))
    return true
  } catch {
    return false
  }
}

const udp: HealthCheck = { ...rhythm, type: "udp", requireReply: true, payload: "a", reply: "a" }

describe.skipIf(!mayMark())("a udp check with a mark (needs CAP_NET_ADMIN)", () => {
  it("asks and hears as one without, from any address or its own", async () => {
    const echo = await datagrams(servers, (message) => [message])
    expect(await ask(udp, echo, { mark: 0x1234 })).toEqual({ ok: true, message: "answered" })
    const own = await ask(udp, echo, { mark: 0x1234, source: "127.0.0.9" })
    expect(own).toEqual({ ok: true, message: "answered" })
    expect((await ask(udp, await closedPort(), { mark: 0x1234 })).message).toBe("port unreachable")
    expect((await ask(udp, echo, { mark: 1, source: "203.0.113.1" })).ok).toBe(false)
  })
})

import { afterAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Servers, ask, closedPort, datagrams, rhythm } from "./servers.ts"

const servers = new Servers()
afterAll(() => servers.close())

const udp = (more: object = {}): HealthCheck => ({
  ...rhythm,
  type: "udp",
  requireReply: false,
  ...more,
})

describe("a udp check", () => {
  it("is well when it is not refused", async () => {
    const silent = await datagrams(servers, () => [])
    expect(await ask(udp({ timeoutMs: 100 }), silent)).toEqual({
      ok: true,
      message: "not refused",
    })
  })

  it("fails when nobody listens", async () => {
    expect(await ask(udp(), await closedPort())).toEqual({
      ok: false,
      message: "port unreachable",
    })
  })

  it("wants a reply, and one that begins as told", async () => {
    const echo = await datagrams(servers, (message) => [message])
    const wanted = udp({ payload: "hex:0102ff", reply: "hex:0102", requireReply: true })
    expect(await ask(wanted, echo)).toEqual({ ok: true, message: "answered" })
    expect(await ask(udp({ payload: "foo", reply: "bar", requireReply: true }), echo)).toEqual({
      ok: false,
      message: 'answered "foo", wanted "bar"',
    })
    const silent = await datagrams(servers, () => [])
    expect(await ask(udp({ requireReply: true }), silent)).toEqual({
      ok: false,
      message: "no answer within 400ms",
    })
  })

  it("says when it can't come from its address", async () => {
    const outcome = await ask(udp(), await closedPort(), { source: "203.0.113.1" })
    expect(outcome).toEqual({ ok: false, message: "source address not available" })
  })
})

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { DnsAsking, HealthCheck } from "../../../src/model/check.ts"
import { answerTo, record } from "../protocol/dns-messages.ts"
import { Servers, ask, datagrams, rhythm } from "./servers.ts"

const servers = new Servers()
let port = 0
beforeAll(async () => {
  port = await datagrams(servers, (question) => [
    answerTo(question, [record(question, 1, [192, 0, 2, 10])]),
  ])
})
afterAll(() => servers.close())

const dns = (more: Partial<DnsAsking> = {}): HealthCheck => ({
  ...rhythm,
  type: "dns",
  name: "www.example.org.",
  recordType: "A",
  rcode: "NOERROR",
  transport: "udp",
  ...more,
})

describe("a dns check", () => {
  it("asks by UDP", async () => {
    expect(await ask(dns({ answer: ["192.0.2.10"] }), port)).toEqual({
      ok: true,
      message: "DNS NOERROR",
    })
    expect(await ask(dns({ answer: ["192.0.2.11"] }), port)).toEqual({
      ok: false,
      message: "DNS answered 192.0.2.10, wanted 192.0.2.11",
    })
  })

  it("asks by TCP, however the answer is cut", async () => {
    const tcp = await servers.tcp((socket) =>
      socket.on("data", (data) => {
        const answer = answerTo(data.subarray(2), [record(data.subarray(2), 1, [192, 0, 2, 10])])
        socket.write(Uint8Array.of(0))
        setTimeout(() => socket.write(Uint8Array.of(answer.length)), 10)
        setTimeout(() => socket.write(answer), 20)
      }),
    )
    const check = dns({ transport: "tcp", answer: ["192.0.2.10"] })
    expect((await ask(check, tcp)).ok).toBe(true)
    const rude = await servers.tcp((socket) => socket.end("220 smtp.example.org\r\n"))
    expect((await ask(check, rude)).message).toBe("connection closed")
  })

  it("passes over what answers another question, and garbage, and waits for its own", async () => {
    const noisy = await datagrams(servers, (question) => {
      const other = Uint8Array.from(question)
      other.set([other[0] === 0 ? 1 : 0], 0)
      return [
        Uint8Array.of(),
        Uint8Array.from(question.subarray(0, 20)),
        answerTo(Buffer.from(other), []),
        question,
        answerTo(question, [record(question, 1, [192, 0, 2, 10])]),
      ]
    })
    expect((await ask(dns({ answer: ["192.0.2.10"] }), noisy)).ok).toBe(true)
    const deaf = await datagrams(servers, (question) => [question])
    expect((await ask(dns(), deaf)).message).toBe("no answer within 400ms")
  })
})

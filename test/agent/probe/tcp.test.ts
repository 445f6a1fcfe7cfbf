import { createServer as createTls } from "node:tls"
import { afterAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Authority } from "./certificates.ts"
import { Servers, ask, rhythm } from "./servers.ts"

const servers = new Servers()
const authority = new Authority()
afterAll(() => {
  servers.close()
  authority.remove()
})

const tcp = (more: object = {}): HealthCheck => ({ ...rhythm, type: "tcp", ...more })
const redis = () =>
  servers.tcp((socket) =>
    socket.on("data", (data) =>
      socket.write(String(data) === "PING\r\n" ? "+PONG\r\n" : "-ERR\r\n"),
    ),
  )

describe("a tcp check that says something", () => {
  it("wants the answer to begin as told, in however many pieces it comes", async () => {
    const check = tcp({ send: "PING\r\n", receive: "+PONG" })
    expect(await ask(check, await redis())).toEqual({ ok: true, message: 'answered "+PONG"' })
    const slow = await servers.tcp((socket) => {
      for (const [index, letter] of ["+P", "ON", "G\r\n"].entries())
        setTimeout(() => socket.write(letter), 20 * index)
    })
    expect((await ask(check, slow)).ok).toBe(true)
  })

  it("names what came instead, without waiting for more of it", async () => {
    const check = tcp({ send: "ping\r\n", receive: "+PONG and much more" })
    expect(await ask(check, await redis())).toEqual({
      ok: false,
      message: 'answered "-ERR\\r\\n", wanted "+PONG and much more"',
    })
  })

  it("sends and compares bytes", async () => {
    const echo = await servers.tcp((socket) => socket.pipe(socket))
    const check = tcp({ send: "hex:00ff80", receive: "hex:00ff" })
    expect(await ask(check, echo)).toEqual({ ok: true, message: "answered hex:00ff" })
  })

  it("fails on silence, an early end, a half-open connection and a reset", async () => {
    const check = tcp({ receive: "220" })
    const silent = await servers.tcp(() => undefined)
    expect((await ask(check, silent)).message).toBe("no answer within 400ms")
    const ended = await servers.tcp((socket) => socket.end("22"))
    expect((await ask(check, ended)).message).toBe("connection closed")
    const reset = await servers.tcp((socket) => socket.resetAndDestroy())
    expect((await ask(check, reset)).message).toBe("connection reset")
  })

  it("is well when the answer came before the connection was reset", async () => {
    const curt = await servers.tcp((socket) =>
      socket.write("220 hello\r\n", () => socket.destroy()),
    )
    expect((await ask(tcp({ receive: "220 " }), curt)).ok).toBe(true)
  })
})

describe("a tcp check with TLS", () => {
  it("speaks and verifies TLS", async () => {
    const pair = authority.issue("mail.example.org", 30)
    const port = await servers.listen(createTls(pair, (socket) => socket.end("* OK IMAP4")))
    expect((await ask(tcp({ tls: {}, receive: "* OK" }), port)).ok).toBe(true)
    expect(await ask(tcp({ tls: {} }), port)).toEqual({ ok: true, message: "connected" })
    const verify = { caFile: authority.file }
    expect((await ask(tcp({ tls: { verify } }), port)).message).toBe(
      "certificate: not for 127.0.0.1",
    )
    expect((await ask(tcp({ tls: { verify, sni: "mail.example.org" } }), port)).ok).toBe(true)
    expect((await ask(tcp({ tls: { certificateDays: { warn: 60 } } }), port)).message).toBe(
      "connected, certificate expires in 29 days",
    )
  })
})

import { createServer } from "node:http"
import type { IncomingMessage } from "node:http"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Servers, ask, rhythm } from "./servers.ts"

const servers = new Servers()
let port = 0
let seen: { method?: string; url?: string; headers: IncomingMessage["headers"]; body: string }[] =
  []

beforeAll(async () => {
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (part) => (body += String(part)))
    request.on("end", () => {
      const { method, url, headers } = request
      seen.push({ ...(method && { method }), ...(url && { url }), headers, body })
      if (url === "/slow") return
      if (url === "/moved") return response.writeHead(302, { location: "/" }).end()
      if (url === "/huge") return response.writeHead(200).end("x".repeat(300_000))
      if (url === "/short") {
        response.writeHead(200, { "content-length": 100 }).write("half")
        setTimeout(() => response.destroy(), 20)
        return
      }
      return response.writeHead(url === "/down" ? 503 : 200).end(`state: ready\n`)
    })
  })
  port = await servers.listen(server)
})
beforeEach(() => (seen = []))
afterAll(() => servers.close())

const http = (more: object = {}): HealthCheck => ({
  ...rhythm,
  type: "http",
  path: "/",
  status: [200],
  ...more,
})

describe("an HTTP check", () => {
  it("asks as it is told, and frames the message itself", async () => {
    const check = http({
      method: "POST",
      path: "/rpc?a=b",
      host: "www.example.org",
      headers: { "User-Agent": "lvs", "X-Check": "1" },
      payload: "{}",
    })
    expect(await ask(check, port)).toEqual({ ok: true, message: "HTTP 200" })
    expect(seen).toMatchObject([
      {
        method: "POST",
        url: "/rpc?a=b",
        body: "{}",
        headers: {
          host: "www.example.org",
          "user-agent": "lvs",
          "x-check": "1",
          "content-length": "2",
          connection: "close",
        },
      },
    ])
  })

  it("follows no redirect, which may be what is wanted", async () => {
    const check = http({ path: "/moved" })
    expect(await ask(check, port)).toEqual({ ok: false, message: "HTTP 302, wanted 200" })
    const wanted = http({ path: "/moved", status: [{ from: 300, to: 399 }] })
    expect((await ask(wanted, port)).ok).toBe(true)
  })

  it("judges the body", async () => {
    expect((await ask(http({ body: "ready" }), port)).ok).toBe(true)
    const regex = { source: "^state: (down|sick)$", flags: "m", absent: false }
    expect(await ask(http({ regex }), port)).toEqual({
      ok: false,
      message: "HTTP 200, the body has no /^state: (down|sick)$/m",
    })
  })

  it("asks every URL on a connection of its own, until one is wrong, and names it", async () => {
    const urls = [
      { path: "/b", status: [200] },
      { path: "/down", status: [200] },
      { path: "/c", status: [200] },
    ]
    expect(await ask(http({ path: "/a", urls }), port)).toEqual({
      ok: false,
      message: "/down: HTTP 503, wanted 200",
    })
    expect(seen.map(({ url }) => url)).toEqual(["/a", "/b", "/down"])
  })

  it("takes the HEAD of an answer for all of it", async () => {
    expect((await ask(http({ method: "HEAD" }), port)).ok).toBe(true)
    expect(seen[0]?.method).toBe("HEAD")
  })
})

describe("an answer that is none", () => {
  it("too slow", async () => {
    expect(await ask(http({ path: "/slow" }), port)).toEqual({
      ok: false,
      message: "no answer within 400ms",
    })
  })

  it("huge: no more is read than max_body, and what was read is judged", async () => {
    const check = http({ path: "/huge", body: "y", maxBodyBytes: 1000 })
    expect(await ask(check, port)).toEqual({ ok: false, message: 'HTTP 200, the body lacks "y"' })
    const digest = http({ path: "/huge", digest: "0".repeat(64) })
    expect((await ask(digest, port)).message).toMatch(/longer than the 64KiB of max_body$/)
    expect((await ask(http({ path: "/huge" }), port)).ok).toBe(true)
  })

  it("broken off in its body", async () => {
    expect(await ask(http({ path: "/short", body: "half" }), port)).toEqual({
      ok: false,
      message: "the answer broke off in its body",
    })
  })

  it("of another protocol", async () => {
    const rude = await servers.tcp((socket) => socket.end("220 smtp.example.org\r\n"))
    expect(await ask(http(), rude)).toEqual({ ok: false, message: "the answer is not HTTP" })
  })

  it("an end without a word", async () => {
    const mute = await servers.tcp((socket) => socket.end())
    expect(await ask(http(), mute)).toEqual({
      ok: false,
      message: "connection closed without an answer",
    })
  })

  it("a header without an end", async () => {
    const endless = await servers.tcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n")
      const timer = setInterval(() => socket.write(`X-Filler: ${"x".repeat(4000)}\r\n`), 5)
      socket.on("close", () => clearInterval(timer))
    })
    expect((await ask(http(), endless)).ok).toBe(false)
  })

  it("dripped: the whole check has one timeout", async () => {
    const dripping = await servers.tcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n")
      const timer = setInterval(() => socket.write("."), 20)
      socket.on("close", () => clearInterval(timer))
    })
    expect(await ask(http({ body: "never" }), dripping)).toEqual({
      ok: false,
      message: "no answer within 400ms",
    })
  })

  it("an expression that takes for ever is given up, and holds nobody up", async () => {
    const server = createServer((_, response) => response.end(`${"a".repeat(40)}!`))
    const trap = { source: "^(a+)+$", flags: "", absent: false }
    const outcome = await ask(http({ regex: trap }), await servers.listen(server))
    expect(outcome.message).toBe("HTTP 200, /^(a+)+$/ takes too long to search for")
  })
})

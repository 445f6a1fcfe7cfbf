import { createServer } from "node:http"
import type { Server } from "node:http"
import { createServer as createTcp } from "node:net"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { probe } from "../../../src/agent/probe/probe.ts"
import { check } from "../../plan/samples.ts"

const http = {
  ...check,
  via: "address",
  type: "http",
  path: "/healthz",
  status: [200],
  timeoutMs: 300,
} as const

describe("probe", () => {
  let server: Server
  let port = 0
  let hosts: (string | undefined)[] = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      hosts.push(request.headers.host)
      if (request.url === "/hang") return
      response.writeHead(request.url === "/healthz" ? 200 : 503).end("body")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const target = (more: object) => ({
    key: "k",
    check: http,
    address: "127.0.0.1",
    port,
    vip: "192.0.2.10",
    ...more,
  })

  it("takes an accepted connection for a good TCP check", async () => {
    const tcp = { ...check, via: "address" } as const
    expect(await probe(target({ check: tcp }))).toEqual({ ok: true, message: "connected" })
  })

  it("asks HTTP for the VIP unless the check names a host, and names the status", async () => {
    hosts = []
    expect(await probe(target({}))).toEqual({ ok: true, message: "HTTP 200" })
    await probe(target({ check: { ...http, host: "www.example.org" } }))
    expect(hosts).toEqual([`192.0.2.10:${port}`, "www.example.org"])
  })

  it("refuses other codes, silence, and what is no HTTP", async () => {
    expect(await probe(target({ check: { ...http, path: "/" } }))).toEqual({
      ok: false,
      message: "HTTP 503",
    })
    expect(await probe(target({ check: { ...http, path: "/hang" } }))).toEqual({
      ok: false,
      message: "no answer within 0.3s",
    })
    const rude = createTcp((socket) => socket.end("220 smtp.example.org\r\n"))
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve))
    const { ok } = await probe(target({ port: (rude.address() as AddressInfo).port }))
    rude.close()
    expect(ok).toBe(false)
  })

  it("says why there was no connection", async () => {
    expect(await probe(target({ port: 1 }))).toEqual({ ok: false, message: "connection refused" })
    expect(await probe(target({ source: "203.0.113.1" }))).toEqual({
      ok: false,
      message: "source address not available",
    })
  })
})

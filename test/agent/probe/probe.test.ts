import { afterAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Servers, ask, rhythm } from "./servers.ts"

const servers = new Servers()
afterAll(() => servers.close())

const tcp: HealthCheck = { ...rhythm, type: "tcp" }

describe("probe", () => {
  it("takes an accepted connection for a good TCP check", async () => {
    const port = await servers.tcp(() => undefined)
    expect(await ask(tcp, port)).toEqual({ ok: true, message: "connected" })
  })

  it("says why there was no connection", async () => {
    expect(await ask(tcp, 1)).toEqual({ ok: false, message: "connection refused" })
    expect(await ask(tcp, 1, { source: "203.0.113.1" })).toEqual({
      ok: false,
      message: "source address not available",
    })
  })

  it("asks HTTP for the VIP unless the check names a host", async () => {
    const asked: string[] = []
    const port = await servers.tcp((socket) => {
      socket.on("data", (data) => {
        asked.push(/^host: (.*)$/im.exec(String(data))?.[1] ?? "")
        socket.end("HTTP/1.1 200 OK\r\n\r\n")
      })
    })
    const http: HealthCheck = { ...rhythm, type: "http", path: "/", status: [200] }
    await ask(http, port)
    await ask({ ...http, host: "www.example.org" }, port)
    expect(asked).toEqual([`192.0.2.10:${port}`, "www.example.org"])
  })
})

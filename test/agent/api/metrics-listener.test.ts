import { createServer } from "node:net"
import { once } from "node:events"
import { afterEach, describe, expect, it, vi } from "vitest"
import { MetricsListener } from "../../../src/agent/api/metrics-listener.ts"

const lines: string[] = []
let made = 0
const listener = new MetricsListener(
  () => `up ${++made}\n`,
  (line) => lines.push(line),
)
afterEach(() => listener.follow(undefined))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" ? (address?.port ?? 0) : 0
}

async function get(port: number, path: string): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return [response.status, await response.text()]
}

describe("MetricsListener", () => {
  it("serves the metrics where the definition says, nothing else, and made once a second at most", async () => {
    const port = await freePort()
    listener.follow({ address: "127.0.0.1", port })
    await vi.waitFor(() => expect(listener.port).toBe(port))
    const [code, first] = await get(port, "/metrics")
    expect([code, first]).toEqual([200, `up ${made}\n`])
    expect((await get(port, "/status"))[0]).toBe(404)
    expect((await get(port, "/metrics"))[0]).toBe(200)
    listener.follow({ address: "127.0.0.1", port })
    expect(listener.port).toBe(port)
    listener.follow(undefined)
    await expect(get(port, "/metrics")).rejects.toThrow()
  })

  it("warns once where the address is taken, and serves when it is free", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    const address = other.address()
    const port = typeof address === "object" ? (address?.port ?? 0) : 0
    const listen = { address: "127.0.0.1", port }
    lines.length = 0
    listener.follow(listen)
    await vi.waitFor(() => expect(listener.warnings).toHaveLength(1))
    listener.follow(listen)
    await vi.waitFor(() => expect(listener.warnings[0]).toMatch(/EADDRINUSE/))
    expect(lines).toHaveLength(1)
    other.close()
    await once(other, "close")
    listener.follow(listen)
    await vi.waitFor(() => expect(listener.warnings).toEqual([]))
    expect((await get(port, "/metrics"))[0]).toBe(200)
  })
})

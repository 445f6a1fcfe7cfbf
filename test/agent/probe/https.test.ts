import { copyFileSync } from "node:fs"
import { createServer } from "node:https"
import { createServer as createHttp } from "node:http"
import type { TLSSocket } from "node:tls"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Authority } from "./certificates.ts"
import type { Pair } from "./certificates.ts"
import { Servers, ask, rhythm } from "./servers.ts"

const servers = new Servers()
const authority = new Authority()
let port = 0
const names: (string | false | null)[] = []

async function serve(pair: Pair): Promise<number> {
  const server = createServer(pair, (request, response) => {
    names.push((request.socket as TLSSocket & { servername: string | false }).servername)
    response.end("ready")
  })
  return servers.listen(server)
}

beforeAll(async () => {
  port = await serve(authority.issue("www.example.org", 10))
})
afterAll(() => {
  servers.close()
  authority.remove()
})

const https = (more: object = {}): HealthCheck => ({
  ...rhythm,
  timeoutMs: 2000,
  type: "https",
  path: "/",
  status: [200],
  ...more,
})

describe("an HTTPS check", () => {
  it("takes any certificate unless it is told to verify", async () => {
    expect(await ask(https({ body: "ready" }), port)).toEqual({ ok: true, message: "HTTP 200" })
  })

  it("sends the name it asks for, or sni, and none for an address", async () => {
    names.length = 0
    await ask(https({ host: "a.example.org:8443" }), port)
    await ask(https({ host: "a.example.org", sni: "b.example.org" }), port)
    await ask(https(), port)
    expect(names).toEqual(["a.example.org", "b.example.org", false])
  })

  it("verifies authority and name", async () => {
    const caFile = authority.file
    const right = https({ host: "www.example.org", verify: { caFile } })
    expect((await ask(right, port)).ok).toBe(true)
    expect((await ask(https({ verify: { caFile, name: "www.example.org" } }), port)).ok).toBe(true)
    expect(await ask(https({ host: "other.example.org", verify: { caFile } }), port)).toEqual({
      ok: false,
      message: "certificate: not for other.example.org",
    })
    expect(await ask(https({ verify: { caFile } }), port)).toEqual({
      ok: false,
      message: "certificate: not for 127.0.0.1",
    })
    const system = https({ host: "www.example.org", verify: {} })
    expect(await ask(system, port)).toEqual({
      ok: false,
      message: "certificate: unable to verify the first certificate",
    })
  })

  it("verifies an address that the certificate has", async () => {
    const own = await serve(authority.issue("IP:127.0.0.1", 10))
    expect((await ask(https({ verify: { caFile: authority.file } }), own)).ok).toBe(true)
  })

  it("reads the authorities again when their file has changed, and says when it can't", async () => {
    const other = new Authority()
    const caFile = `${authority.file}.copy`
    const check = https({ host: "www.example.org", verify: { caFile } })
    expect((await ask(check, port)).message).toMatch(/^no certificate authorities: ENOENT/)
    copyFileSync(other.file, caFile)
    expect((await ask(check, port)).ok).toBe(false)
    copyFileSync(authority.file, caFile)
    expect((await ask(check, port)).ok).toBe(true)
    other.remove()
  })

  it("warns of a certificate that ends soon, and fails on one that ends sooner", async () => {
    expect(await ask(https({ certificateDays: { warn: 30, fail: 3 } }), port)).toEqual({
      ok: true,
      message: "HTTP 200, certificate expires in 9 days",
    })
    expect(await ask(https({ certificateDays: { fail: 30 } }), port)).toEqual({
      ok: false,
      message: "certificate expires in 9 days",
    })
    expect((await ask(https({ certificateDays: { warn: 5 } }), port)).message).toBe("HTTP 200")
  })

  it("says when there is no TLS, or no end of the handshake", async () => {
    const plain = await servers.listen(createHttp((_, response) => response.end()))
    expect((await ask(https(), plain)).message).toMatch(/^TLS: /)
    const mute = await servers.tcp(() => undefined)
    expect(await ask(https({ timeoutMs: 200 }), mute)).toEqual({
      ok: false,
      message: "no TLS handshake: no answer within 200ms",
    })
    const gone = await servers.tcp((socket) => socket.destroy())
    expect(await ask(https(), gone)).toEqual({ ok: false, message: "connection reset" })
  })
})

import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Servers, ask, datagrams, rhythm } from "./servers.ts"

const servers = new Servers()
const folder = mkdtempSync(join(tmpdir(), "lbctl-radius-"))
afterAll(() => {
  servers.close()
  rmSync(folder, { recursive: true })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

const radius = (more: object = {}): HealthCheck => ({
  ...rhythm,
  type: "radius",
  user: "probe",
  secretFile: file("secret", "s3cret\n"),
  passwordFile: file("password", "hunter2\n"),
  answer: "accept",
  ...more,
})

/** A server that answers everything with a code, signed with its secret. */
const server = (code: number, secret = "s3cret") =>
  datagrams(servers, (request) => {
    const head = Buffer.of(code, request[1] ?? 0, 0, 20)
    const digest = createHash("md5")
      .update(head)
      .update(request.subarray(4, 20))
      .update(secret)
      .digest()
    return [Buffer.concat([head, digest])]
  })

describe("a radius check", () => {
  it("wants the answer as told", async () => {
    expect(await ask(radius(), await server(2))).toEqual({ ok: true, message: "RADIUS accept" })
    expect(await ask(radius(), await server(3))).toEqual({
      ok: false,
      message: "RADIUS reject, wanted accept",
    })
    expect((await ask(radius({ answer: "any" }), await server(11))).ok).toBe(true)
    expect((await ask(radius(), await server(5))).message).toBe("RADIUS code 5")
  })

  it("passes over answers that lack the secret, and says so", async () => {
    expect(await ask(radius({ timeoutMs: 100 }), await server(2, "other"))).toEqual({
      ok: false,
      message: "no answer within 100ms that has our secret",
    })
  })

  it("names the file it can't read, and never what stands in one", async () => {
    const missing = radius({ secretFile: join(folder, "none") })
    expect((await ask(missing, 1)).message).toBe(`can't read ${join(folder, "none")}: ENOENT`)
  })
})

import { createHash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { judgeAnswer } from "../../../src/agent/decide/http-verdict.ts"
import type { HttpQuestion } from "../../../src/model/check.ts"

const found = () => true
const lost = () => false
const judge = (question: Partial<HttpQuestion>, status = 200, body = "OK\n", search = found) =>
  judgeAnswer(
    { path: "/", status: [200], ...question },
    { status, body: new TextEncoder().encode(body), whole: true },
    search,
  )

describe("judgeAnswer", () => {
  it("names the status that came, and those that would have been right", () => {
    expect(judge({})).toEqual({ ok: true, message: "HTTP 200" })
    expect(judge({}, 503)).toEqual({ ok: false, message: "HTTP 503, wanted 200" })
    const status = [200, { from: 300, to: 399 }, { from: 401, to: 403 }]
    expect(judge({ status }, 500).message).toBe("HTTP 500, wanted 200, 3xx, 401-403")
  })

  it("accepts a status exactly when it is one of the set", () => {
    const code = fc.integer({ min: 100, max: 599 })
    const range = fc
      .tuple(code, code)
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))
    fc.assert(
      fc.property(fc.array(fc.oneof(code, range), { minLength: 1 }), code, (status, came) => {
        const all = status.flatMap((one) =>
          typeof one === "number"
            ? [one]
            : Array.from({ length: one.to - one.from + 1 }, (_, step) => one.from + step),
        )
        expect(judge({ status }, came).ok).toBe(all.includes(came))
      }),
    )
  })

  it("wants the text in the body", () => {
    expect(judge({ body: "OK" }).ok).toBe(true)
    expect(judge({ body: "ready" })).toEqual({
      ok: false,
      message: 'HTTP 200, the body lacks "ready"',
    })
  })

  it("wants the expression found, or not found", () => {
    const regex = { source: "^O.$", flags: "m", absent: false }
    expect(judge({ regex }).ok).toBe(true)
    expect(judge({ regex }, 200, "", lost).message).toBe("HTTP 200, the body has no /^O.$/m")
    expect(judge({ regex: { ...regex, absent: true } }).message).toBe(
      "HTTP 200, the body has /^O.$/m",
    )
    expect(judge({ regex: { ...regex, absent: true } }, 200, "", lost).ok).toBe(true)
  })

  it("wants the digest of the whole body, SHA-256 or keepalived's MD5", () => {
    const digest = (name: string) => createHash(name).update("OK\n").digest("hex")
    expect(judge({ digest: digest("sha256") }).ok).toBe(true)
    // echo OK | md5sum
    expect(judge({ digest: "d36f8f9425c4a8000ad9c4a97185aca5" }).ok).toBe(true)
    expect(judge({ digest: "0".repeat(64) }).message).toContain(digest("sha256"))
    const cut = { status: 200, body: new Uint8Array(1024), whole: false }
    const question = { path: "/", status: [200], digest: "0".repeat(32) }
    expect(judgeAnswer(question, cut, found).message).toBe(
      "HTTP 200, the body is longer than the 1KiB of max_body",
    )
  })
})

import { createHash, createHmac } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  answerOf,
  encodeRequest,
  hidePassword,
  isSigned,
} from "../../../src/agent/protocol/radius.ts"

const authenticator = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex")

describe("an Access-Request", () => {
  const packet = Buffer.from(
    encodeRequest(7, authenticator, { user: "probe", password: "a", secret: "secret" }),
  )

  it("has code, number, length and authenticator in front", () => {
    expect([packet[0], packet[1], packet.readUInt16BE(2)]).toEqual([1, 7, packet.length])
    expect(packet.subarray(4, 20)).toEqual(authenticator)
  })

  it("is signed over all of it, the signature taken for zeros", () => {
    expect([packet[20], packet[21]]).toEqual([80, 18])
    const unsigned = Buffer.from(packet).fill(0, 22, 38)
    expect(packet.subarray(22, 38)).toEqual(createHmac("md5", "secret").update(unsigned).digest())
  })

  it("names the user and hides the password", () => {
    expect(packet.includes("probe")).toBe(true)
    expect(packet.toString("hex")).toContain("0212370ec9449092d367ca5efb706cd4e707")
  })
})

describe("an answer", () => {
  const body = Buffer.from([2, 7, 0, 20])
  const digest = createHash("md5").update(body).update(authenticator).update("secret").digest()
  const accept = Buffer.concat([body, digest])

  it("counts only with its number and the secret's signature", () => {
    expect(isSigned(accept, 7, authenticator, "secret")).toBe(true)
    expect(isSigned(accept, 8, authenticator, "secret")).toBe(false)
    expect(isSigned(accept, 7, authenticator, "other")).toBe(false)
    expect(isSigned(accept.subarray(0, 19), 7, authenticator, "secret")).toBe(false)
    expect(isSigned(Buffer.of(2, 7, 255, 255, ...digest), 7, authenticator, "secret")).toBe(false)
  })

  it("is accept, reject, challenge, or none", () => {
    expect([2, 3, 11, 5].map((code) => answerOf(Buffer.of(code)))).toEqual([
      "accept",
      "reject",
      "challenge",
      undefined,
    ])
  })
})

const corpus = join(
  import.meta.dirname,
  "../../../../shared/corpus/seesaw/expected/check-radius.json",
)
describe.skipIf(!existsSync(corpus))("Seesaw's packets, of the corpus", () => {
  interface Cases {
    readonly passwordEncoding: readonly Readonly<
      Record<"authenticatorHex" | "password" | "secret" | "wantHex", string>
    >[]
    readonly responseAuthenticator: readonly {
      readonly packetHex: string
      readonly requestAuthenticatorHex: string
      readonly secret: string
      readonly valid: boolean
    }[]
  }
  const cases = (): Cases => JSON.parse(readFileSync(corpus, "utf8")) as Cases

  it("hide passwords as ours do", () => {
    for (const { password, secret, authenticatorHex, wantHex } of cases().passwordEncoding) {
      const hidden = hidePassword(password, secret, Buffer.from(authenticatorHex, "hex"))
      expect(Buffer.from(hidden).toString("hex")).toBe(wantHex)
    }
  })

  it("are signed as ours are", () => {
    for (const one of cases().responseAuthenticator) {
      const packet = Buffer.from(one.packetHex, "hex")
      const request = Buffer.from(one.requestAuthenticatorHex, "hex")
      expect(isSigned(packet, packet[1] ?? 0, request, one.secret)).toBe(one.valid)
    }
  })
})

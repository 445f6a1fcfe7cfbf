import { describe, expect, it } from "vitest"
import { isAnswerTo, judgeDns } from "../../../src/agent/probe/dns-verdict.ts"
import type { DnsAsking } from "../../../src/model/check.ts"

const asking: DnsAsking = {
  name: "WWW.example.org.",
  recordType: "A",
  rcode: "NOERROR",
  transport: "udp",
}
const answer = {
  id: 7,
  isResponse: true,
  truncated: false,
  rcode: "NOERROR",
  question: { name: "www.example.org", type: 1 },
  records: [
    { type: 5, data: "web.example.org" },
    { type: 1, data: "192.0.2.10" },
    { type: 1, data: "192.0.2.11" },
  ],
}

describe("isAnswerTo", () => {
  it("wants the number, a response, and the question back, whatever its case", () => {
    expect(isAnswerTo(answer, 7, asking)).toBe(true)
    expect(isAnswerTo(answer, 8, asking)).toBe(false)
    expect(isAnswerTo({ ...answer, isResponse: false }, 7, asking)).toBe(false)
    expect(isAnswerTo({ ...answer, question: { name: "a", type: 1 } }, 7, asking)).toBe(false)
    expect(
      isAnswerTo({ ...answer, question: { name: "www.example.org", type: 28 } }, 7, asking),
    ).toBe(false)
  })

  it("lets a refusal leave the question out", () => {
    const bare = { ...answer, question: undefined }
    expect(isAnswerTo(bare, 7, asking)).toBe(false)
    expect(isAnswerTo({ ...bare, rcode: "FORMERR" }, 7, asking)).toBe(true)
  })
})

describe("judgeDns", () => {
  it("wants the response code", () => {
    expect(judgeDns(asking, answer)).toEqual({ ok: true, message: "DNS NOERROR" })
    expect(judgeDns(asking, { ...answer, rcode: "SERVFAIL" })).toEqual({
      ok: false,
      message: "DNS SERVFAIL, wanted NOERROR",
    })
    expect(judgeDns({ ...asking, rcode: "NXDOMAIN" }, { ...answer, rcode: "NXDOMAIN" }).ok).toBe(
      true,
    )
  })

  it("wants every datum told, at the end of a chain of aliases too", () => {
    expect(judgeDns({ ...asking, answer: ["192.0.2.11", "192.0.2.10"] }, answer).ok).toBe(true)
    expect(judgeDns({ ...asking, answer: ["192.0.2.10", "192.0.2.12"] }, answer).message).toBe(
      "DNS answered 192.0.2.10, 192.0.2.11, wanted 192.0.2.12",
    )
    expect(judgeDns({ ...asking, answer: ["web.example.org"] }, answer).ok).toBe(false)
  })

  it("compares addresses and names by what they mean", () => {
    const six = { ...answer, records: [{ type: 28, data: "2001:db8::1" }] }
    const aaaa = { ...asking, recordType: "AAAA" as const }
    expect(judgeDns({ ...aaaa, answer: ["2001:0DB8:0::1"] }, six).ok).toBe(true)
    const mx = { ...answer, records: [{ type: 15, data: "10 mail.example.org" }] }
    const asksMx = { ...asking, recordType: "MX" as const }
    expect(judgeDns({ ...asksMx, answer: ["10 Mail.Example.org."] }, mx).ok).toBe(true)
  })

  it("says that an answer was cut short", () => {
    const cut = { ...answer, truncated: true, records: [] }
    expect(judgeDns({ ...asking, answer: ["192.0.2.10"] }, cut).message).toBe(
      "DNS answered no A record, wanted 192.0.2.10 (cut short: ask with transport: tcp)",
    )
  })
})

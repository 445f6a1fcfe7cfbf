import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeQuestion, parseAnswer } from "../../../src/agent/protocol/dns.ts"
import { answerTo, record, wireName } from "./dns-messages.ts"

describe("encodeQuestion", () => {
  it("writes RFC 1035's form", () => {
    const hex = Buffer.from(encodeQuestion(0x1234, "a.bc", "AAAA")).toString("hex")
    expect(hex).toBe(
      "1234" + "0100" + "0001" + "000000000000" + "0161" + "026263" + "00" + "001c" + "0001",
    )
    expect(
      Buffer.from(encodeQuestion(1, "", "SOA"))
        .toString("hex")
        .slice(24),
    ).toBe("0000060001")
  })
})

describe("parseAnswer", () => {
  const question = encodeQuestion(7, "www.example.org", "A")
  const data = (type: number, bytes: readonly number[]) =>
    parseAnswer(answerTo(question, [record(question, type, bytes)]))?.records[0]?.data

  it("reads the header and the question", () => {
    expect(parseAnswer(answerTo(question, [], 3, 0x0200))).toEqual({
      id: 7,
      isResponse: true,
      truncated: true,
      rcode: "NXDOMAIN",
      question: { name: "www.example.org", type: 1 },
      records: [],
    })
    expect(parseAnswer(question)?.isResponse).toBe(false)
    expect(parseAnswer(answerTo(question, [], 9))?.rcode).toBe("9")
  })

  it("reads every kind of data as zone files write it", () => {
    expect(data(1, [192, 0, 2, 10])).toBe("192.0.2.10")
    expect(data(28, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])).toBe("2001:db8::1")
    expect(data(2, wireName("NS1.example.org"))).toBe("ns1.example.org")
    // `mail` and a pointer to the question's name behind its first label.
    expect(data(15, [0, 10, 4, ...Buffer.from("mail"), 0xc0, 16])).toBe("10 mail.example.org")
    expect(data(33, [0, 1, 0, 2, 0x1f, 0x90, ...wireName("a")])).toBe("1 2 8080 a")
    expect(data(16, [2, 97, 98, 1, 99])).toBe("abc")
    expect(data(6, [...wireName("a"), ...wireName("b"), 0, 0, 0, 1, ...new Uint8Array(16)])).toBe(
      "a b 1 0 0 0 0",
    )
    expect(data(99, [1, 2, 3])).toBe("")
  })

  it("takes a name that points in a circle for no message", () => {
    const circle = record(question, 5, [0xc0, headerEnd(question)])
    expect(parseAnswer(answerTo(question, [circle]))).toBeUndefined()
  })

  it("never throws and always ends, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        parseAnswer(bytes)
      }),
      { numRuns: 2000 },
    )
    const good = answerTo(question, [record(question, 2, wireName("ns.example.org"))])
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const broken = Uint8Array.from(good)
        broken[at] = byte
        parseAnswer(broken)
        parseAnswer(good.subarray(0, at))
      }),
      { numRuns: 2000 },
    )
  })
})

/** Where the data of the first record begins: its pointer then points at itself. */
function headerEnd(question: Uint8Array): number {
  return question.length + 12
}

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseNodeReply } from "../../src/wire/activation-reply.ts"

const encoded = Buffer.from("bad é\n").toString("base64")

describe("parseNodeReply", () => {
  it.each([
    ["staged", { type: "staged" }],
    ["armed 60", { type: "armed", seconds: 60 }],
    ["done 3", { type: "done", operation: 3 }],
    ["failed 3 -", { type: "failed", operation: 3, output: "" }],
    [`failed 0 ${encoded}`, { type: "failed", operation: 0, output: "bad é\n" }],
    [`revert-failed ${encoded}`, { type: "revert-failed", output: "bad é\n" }],
    ["stale /etc/motd", { type: "stale", subject: "/etc/motd" }],
    ["gone confirmed", { type: "gone", how: "confirmed" }],
    ["settled reverted t1 abc", { type: "settled", how: "reverted t1 abc" }],
    [
      "locked 2026-01-02T03:04:05Z laptop Ada O'Neil",
      { type: "locked", since: "2026-01-02T03:04:05Z", from: "laptop", by: "Ada O'Neil" },
    ],
    [
      `refused check /etc/x ${encoded}`,
      { type: "refused", reason: "check", subject: "/etc/x", output: "bad é\n" },
    ],
    ["refused unpack - -", { type: "refused", reason: "unpack", output: "" }],
  ])("reads %s", (line, reply) => {
    expect(parseNodeReply(line)).toEqual(reply)
  })

  it.each(["", "hello", "done x", "armed", "refused because - -", "staged now", "locked - -"])(
    "does not take %j for a record",
    (line) => {
      expect(parseNodeReply(line)).toBeUndefined()
    },
  )

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (line) => void parseNodeReply(line)))
  })
})

import { describe, expect, it } from "vitest"
import { refusalFailure } from "../../src/push/node-replies.ts"

describe("a refused stage", () => {
  it("gives tar's own words when the archive could not be written", () => {
    const refused = { type: "refused", reason: "unpack", output: "" } as const
    expect(
      refusalFailure(refused, "tar: manifest: Cannot write: No space left on device\n"),
    ).toMatchObject({
      code: "failed",
      message:
        "the release could not be written to /var/lib/lbctl: tar: manifest: Cannot write: No space left on device",
      hint: "make room, or mount it writable; nothing was touched",
    })
    expect(refusalFailure(refused).message).toMatch(/: no reason was given$/)
  })

  it("gives the words of the validate command that said no", () => {
    const refused = {
      type: "refused",
      reason: "check",
      subject: "/etc/keepalived/keepalived.conf",
      output: `(/var/lib/lbctl/stage/mwp-1/release/files/${"0a".repeat(32)}: Line 3) Unknown keyword 'virtual_rooter_id'\n`,
    } as const
    expect(refusalFailure(refused).message).toBe(
      "/etc/keepalived/keepalived.conf does not pass its check:\n(/etc/keepalived/keepalived.conf: Line 3) Unknown keyword 'virtual_rooter_id'",
    )
  })
})

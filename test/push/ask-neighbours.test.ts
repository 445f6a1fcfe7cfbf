import { describe, expect, it } from "vitest"
import { Failure } from "../../src/core/failure.ts"
import { askNeighbours } from "../../src/push/ask-neighbours.ts"
import type { ExecResult } from "../../src/push/transport.ts"

/** What is found when the agent ends so, and what it was asked. */
async function ask(ended: ExecResult | Failure) {
  const asked: (readonly string[])[] = []
  const agent = (_agent: string, words: readonly string[]): Promise<ExecResult> => {
    asked.push(words)
    return ended instanceof Failure ? Promise.reject(ended) : Promise.resolve(ended)
  }
  const found = await askNeighbours({ agent }, "a1", "eth0", ["192.0.2.10", "2001:db8::10"])
  return { asked, found }
}

describe("asking a segment who has addresses", () => {
  it("has the director's agent ask for all of them at once", async () => {
    const answers = [{ address: "192.0.2.10", macs: ["02:00:00:00:00:01"] }]
    expect(await ask({ code: 0, stdout: JSON.stringify(answers), stderr: "" })).toEqual({
      asked: [["arp", "eth0", "192.0.2.10", "2001:db8::10"]],
      found: { ok: true, value: answers },
    })
  })

  it("tells why it is not known: the agent's last words, or that nobody was reached", async () => {
    const refused = await ask({ code: 1, stdout: "", stderr: "starting\nno interface eth0\n" })
    expect(refused.found).toEqual({ ok: false, error: "no interface eth0" })
    const lost = await ask(new Failure("unreachable", "no route to lb1"))
    expect(lost.found).toEqual({ ok: false, error: "no route to lb1" })
  })
})

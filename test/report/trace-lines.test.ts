import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Route, TraceEvent } from "../../src/model/trace.ts"
import { traceText } from "../../src/report/trace-lines.ts"

const route: Route = {
  user: "root",
  address: "192.0.2.21",
  port: 22,
  via: [],
  proxyCommand: false,
  transport: "builtin",
}
const release = "0123456789abcdef".repeat(4)

describe("what -v tells", () => {
  const told = (event: TraceEvent) => traceText("rs1", event, 1)

  it("is how a host was reached, and how long that took", () => {
    expect(told({ type: "connected", route, ms: 132 })).toBe(
      "rs1: connected to root@192.0.2.21:22, by the built-in client, in 132ms",
    )
    const far: Route = {
      ...route,
      user: "ops",
      address: "2001:db8::21",
      port: 2222,
      via: ["gate@192.0.2.1", "inner:2200"],
      transport: "ssh",
      become: "sudo",
    }
    expect(told({ type: "connected", route: far, ms: 1234 })).toBe(
      "rs1: connected to ops@[2001:db8::21]:2222, through gate@192.0.2.1, then\n" +
        "    inner:2200, by the system's ssh, root by sudo, in 1.2s",
    )
    expect(told({ type: "connected", route: { ...route, proxyCommand: true }, ms: 5 })).toContain(
      "through a ProxyCommand",
    )
  })

  it("is that it was not reached, and why", () => {
    expect(told({ type: "unconnected", route, ms: 2000, message: "connection refused" })).toBe(
      "rs1: not connected to root@192.0.2.21:22, by the built-in client, after 2s:\n" +
        "    connection refused",
    )
  })

  it("is each step with its time, and what is known of release and transaction", () => {
    const ended = { type: "ended", ms: 89, code: 0, sent: 18_200, received: 4000 } as const
    expect(told({ ...ended, step: "observe", release })).toBe(
      "rs1: observe took 89ms, release 0123456789ab",
    )
    expect(told({ ...ended, step: "stage", code: 1, transaction: "m1-x", release })).toBe(
      "rs1: stage took 89ms, exit code 1, transaction m1-x, release 0123456789ab",
    )
    expect(told({ type: "broke", step: "observe", ms: 60_000, message: "no answer" })).toBe(
      "rs1: observe broke off after 1m: no answer",
    )
  })

  it("is nothing of the conversation itself", () => {
    expect(told({ type: "connecting", route })).toBeUndefined()
    expect(told({ type: "ran", step: "observe", command: "sh -s" })).toBeUndefined()
    expect(told({ type: "replied", record: "end" })).toBeUndefined()
  })

  it("fits 80 columns", () => {
    const message = fc
      .array(fc.string({ minLength: 1, maxLength: 30 }))
      .map((words) => words.join(" "))
    fc.assert(
      fc.property(message, (text) => {
        const lines = told({ type: "broke", step: "observe", ms: 1, message: text }) ?? ""
        expect(Math.max(...lines.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
      }),
    )
  })
})

describe("what -vv tells besides", () => {
  const told = (event: TraceEvent) => traceText("rs1", event, 2)

  it("is the conversation: the command, each record, and sizes", () => {
    expect(told({ type: "connecting", route })).toContain("rs1: connecting to root@192.0.2.21:22")
    expect(told({ type: "ran", step: "observe", command: "sh -s" })).toBe("rs1: > sh -s")
    expect(told({ type: "replied", record: "fact os Linux" })).toBe("rs1: < fact os Linux")
    expect(
      told({ type: "ended", step: "observe", ms: 89, code: 0, sent: 18_200, received: 4000 }),
    ).toBe("rs1: observe took 89ms, 18200 bytes sent, 4000 bytes received")
  })

  it("is one line of at most 400 characters, whatever a node says", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("a", " ", "\u001B", "\n", "\u009B", "é"),
          maxLength: 900,
        }),
        (record) => {
          const line = told({ type: "replied", record }) ?? ""
          expect(line.length).toBeLessThanOrEqual(400)
          expect(line).not.toMatch(/\p{Cc}/u)
        },
      ),
    )
    const long = told({ type: "ran", step: "install", command: `set -eu\n${"x".repeat(900)}` })
    expect(long).toMatch(/^rs1: > set -eu x+\.\.\.$/)
    expect(long).toHaveLength(400)
  })
})

import { describe, expect, it } from "vitest"
import { StateLog } from "../../../src/agent/director/state-log.ts"
import { changeLine, type StateChange } from "../../../src/model/state-change.ts"

function down(n: number): StateChange {
  return {
    at: new Date(n * 1000).toISOString(),
    kind: "server",
    name: "tcp 192.0.2.10:80",
    server: `10.0.0.${n % 2}:80`,
    host: `rs${n % 2}`,
    from: "up",
    to: "down",
    message: "connection refused",
  }
}

describe("StateLog", () => {
  it("tells each change at once, counts by subject, and remembers the last 50", () => {
    const told: StateChange[] = []
    const log = new StateLog((change) => told.push(change))
    for (let n = 0; n < 61; n++) log.note(down(n))
    expect(told).toHaveLength(61)
    expect(log.last).toEqual(told.slice(-50))
    const subject = { kind: "server", name: "tcp 192.0.2.10:80", server: "10.0.0.0:80" } as const
    expect([log.count(subject), log.since(subject)]).toEqual([31, down(60).at])
    expect(log.count({ ...subject, server: "10.0.0.9:80" })).toBe(0)
  })
})

describe("changeLine()", () => {
  it("says what changed, how, and why", () => {
    expect(changeLine(down(1))).toBe(
      "rs1 (10.0.0.1:80) of tcp 192.0.2.10:80: up -> down: connection refused",
    )
    const base = { at: "", name: "tokyo", from: "BACKUP", to: "MASTER", message: "" }
    expect(changeLine({ ...base, kind: "vrrp" })).toBe("VRRP instance tokyo: BACKUP -> MASTER")
    expect(changeLine({ ...base, kind: "quorum" })).toBe("quorum of tokyo: BACKUP -> MASTER")
    expect(changeLine({ ...base, kind: "process" })).toBe("process tokyo: BACKUP -> MASTER")
  })
})

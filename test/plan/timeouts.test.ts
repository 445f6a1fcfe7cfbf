import { describe, expect, it } from "vitest"
import { planSync } from "../../src/plan/connection-sync.ts"
import { planTimeouts } from "../../src/plan/timeouts.ts"
import { director, service } from "./samples.ts"

const kernel = { tcp: 900, tcpFin: 120, udp: 300 }
const state = director(service())

describe("planTimeouts", () => {
  it("tells what differs from the kernel, and nothing else", () => {
    const wanted = { timeouts: { tcp: 600, udp: 300 } }
    expect(planTimeouts(wanted, { timeouts: kernel })).toEqual([
      {
        kind: "ipvs",
        action: "edit",
        subject: "IPVS timeout tcp",
        meaning: "15m -> 10m",
        risk: "low",
      },
    ])
  })

  it("tells the whole wish where the kernel's are not known", () => {
    expect(planTimeouts({ timeouts: { tcpFin: 30 } }, {})).toMatchObject([
      { subject: "IPVS timeout tcp_fin", meaning: "30s" },
    ])
  })

  it("tells that a timeout goes back once it leaves the definition", () => {
    const desired = { ...state, timeouts: { udp: 30 } }
    expect(planTimeouts({}, { timeouts: { ...kernel, udp: 30 }, desired })).toMatchObject([
      { action: "remove", subject: "IPVS timeout udp", meaning: "back to the value before lbctl" },
    ])
  })
})

describe("planSync", () => {
  const sync = { instance: "tokyo", interface: "eth1", id: 51 }

  it("tells what changes on the way of the synchronisation", () => {
    expect(planSync([{ ...sync, port: 9000, ttl: 2 }], [sync])).toMatchObject([
      {
        subject: "connection_sync tokyo",
        meaning: "interface eth1, id 51 -> interface eth1, id 51, port 9000, ttl 2",
      },
    ])
    expect(planSync([sync], [sync])).toEqual([])
    expect(planSync([], [sync])[0]?.action).toBe("remove")
  })
})

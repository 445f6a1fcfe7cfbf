import { describe, expect, it } from "vitest"
import type { Drain } from "../../../src/agent/decide/drain.ts"
import { nameOf, startDrains, stepDrains } from "../../../src/agent/decide/drain.ts"
import { destination, director, held, server, service, web } from "../../plan/samples.ts"

const both = [held([destination(1), destination(2, 3)])]
const one = director(service({ servers: [server(1)] }))

function start(state = one, owned = [web], table = both, current: Drain[] = []): Drain[] {
  return startDrains(
    current,
    state,
    director(service({ drainTimeoutMs: 5000 })),
    table,
    new Set(owned),
    1000,
  )
}

function step(drains: readonly Drain[], active: number, inactive: number, nowMs: number): Drain[] {
  const counter = { service: web, server: "10.0.0.2:80", active, inactive, connections: 0 }
  return stepDrains(drains, [counter], nowMs)
}

describe("startDrains", () => {
  it("begins with a server that is no longer wanted, with its service's timeout", () => {
    const [drain, ...others] = start()
    expect(others).toEqual([])
    expect(drain).toMatchObject({ destination: destination(2, 3), sinceMs: 1000, untilMs: 31_000 })
  })

  it("begins with all servers of an owned service that left, with the timeout it had", () => {
    expect(start(director()).map((drain) => [nameOf(drain), drain.untilMs])).toEqual([
      [`${web} 10.0.0.1:80`, 6000],
      [`${web} 10.0.0.2:80`, 6000],
    ])
  })

  it("leaves strangers' services alone", () => {
    expect(start(director(), [])).toEqual([])
  })

  it("carries on drains that run, and ends those of servers that came back or are gone", () => {
    const running = start().map((drain) => ({ ...drain, untilMs: 7 }))
    expect(start(one, [web], both, running)).toEqual(running)
    expect(start(director(service()), [web], both, running)).toEqual([])
    expect(start(one, [web], [held([destination(1)])], running)).toEqual([])
  })

  it("does not drain the sorry server or private check services", () => {
    const sorryServer = { address: "10.0.0.2", port: 80, forwarding: "dr" } as const
    expect(start(director(service({ servers: [server(1)], sorryServer })))).toEqual([])
    const mark = {
      ...held([destination(9)]),
      key: { kind: "fwmark", fwmark: 0x6c620001, family: 4 },
    } as const
    expect(start(director(), [web, "fwmark 1818361857"], [mark])).toEqual([])
  })
})

describe("stepDrains", () => {
  it("waits for established connections", () => {
    expect(step(start(), 1, 0, 20_000)).toHaveLength(1)
  })

  it("ends three seconds after the last one, and starts anew when another comes", () => {
    const idle = step(start(), 0, 5, 10_000)
    expect(step(idle, 0, 5, 12_900)).toHaveLength(1)
    expect(step(idle, 0, 5, 13_000)).toEqual([])
    const busy = step(idle, 1, 5, 12_000)
    expect(step(step(busy, 0, 5, 13_000), 0, 5, 15_900)).toHaveLength(1)
  })

  it("ends without any entry after a second of rest", () => {
    expect(step(start(), 0, 0, 1500)).toHaveLength(1)
    expect(step(start(), 0, 0, 2000)).toEqual([])
  })

  it("waits for all entries of UDP, which never count as established", () => {
    const udp = start().map((drain) => ({
      ...drain,
      service: { ...drain.service, key: { ...held([]).key, protocol: "udp" } as const },
    }))
    const counter = {
      service: "udp 192.0.2.10:80",
      server: "10.0.0.2:80",
      active: 0,
      inactive: 1,
      connections: 0,
    }
    const later = stepDrains(stepDrains(udp, [counter], 10_000), [counter], 20_000)
    expect(later).toHaveLength(1)
  })

  it("ends with its time, and when somebody else took the server out", () => {
    expect(step(start(), 9, 9, 31_000)).toEqual([])
    expect(stepDrains(start(), [], 2000)).toEqual([])
  })
})

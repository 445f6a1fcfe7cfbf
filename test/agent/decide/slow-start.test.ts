import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { rampedWeight, slowStarts, type Resumption } from "../../../src/agent/decide/slow-start.ts"
import { at, director, server, service, web } from "../../plan/samples.ts"

describe("rampedWeight", () => {
  it("grows in proportion to the time, from 1", () => {
    const at = (ms: number): number | undefined => rampedWeight(100, 1000, 30_000, 1000 + ms)
    expect([0, 3000, 15_000, 29_999, 30_000].map(at)).toEqual([1, 10, 50, 99, undefined])
  })

  it("begins anew when the clock is set back", () => {
    expect(rampedWeight(100, 1000, 30_000, 0)).toBe(1)
  })

  it("never falls as time goes on, and stays from 1 to below the weight", () => {
    const ms = fc.integer({ min: 1, max: 100_000 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), ms, ms, ms, (weight, slow, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)].map(
          (nowMs) => rampedWeight(weight, 0, slow, nowMs) ?? weight,
        )
        expect(early).toBeLessThanOrEqual(late ?? Number.NaN)
        const ramp = rampedWeight(weight, 0, slow, one)
        if (ramp === undefined) return
        expect(ramp).toBeGreaterThanOrEqual(1)
        expect(ramp).toBeLessThan(weight)
      }),
    )
  })
})

describe("slowStarts", () => {
  it("names the servers of services with slow_start that came up a short while ago", () => {
    const slow = service({
      slowStartMs: 10_000,
      servers: [server(1, { weight: 10 }), server(2, { weight: 10 }), server(3)],
    })
    const other = service({ key: at(443), servers: slow.servers })
    const joined = new Map([
      [`${web} 10.0.0.1:80`, 5000],
      [`${web} 10.0.0.3:80`, 5000],
      ["tcp 192.0.2.10:443 10.0.0.1:80", 5000],
    ])
    const beginnings = { joined: (key: string) => joined.get(key), resumed: [] }
    expect([...slowStarts(director(slow, other), beginnings, 8000)]).toEqual([
      [`${web} 10.0.0.1:80`, { weight: 3, untilMs: 15_000 }],
    ])
  })

  const heavy = [server(1, { weight: 100 }), server(2, { weight: 100 })]
  const resumed = { fromMs: 100_000, overMs: 10_000 }
  const never = () => undefined

  it("names the servers whose drain was lifted with a ramp, wherever that drain was", () => {
    const starts = (record: Resumption) => [
      ...slowStarts(
        director(service({ servers: heavy })),
        { joined: never, resumed: [record] },
        105_000,
      ),
    ]
    const one = { weight: 50, untilMs: 110_000 }
    expect(starts({ ...resumed, host: "rs2" })).toEqual([[`${web} 10.0.0.2:80`, one]])
    expect(starts({ ...resumed, host: "rs2", service: "web" })).toHaveLength(1)
    expect(starts({ ...resumed, service: "web" })).toHaveLength(2)
    expect(starts({ ...resumed, host: "rs2", service: "shop" })).toEqual([])
  })

  it("takes the slower of two beginnings", () => {
    const slow = director(service({ slowStartMs: 40_000, servers: heavy }))
    const both = { joined: () => 100_000, resumed: [{ ...resumed, host: "rs1" }] }
    const at = (nowMs: number) => slowStarts(slow, both, nowMs).get(`${web} 10.0.0.1:80`)
    expect(at(104_000)).toEqual({ weight: 10, untilMs: 140_000 })
    expect(at(120_000)).toEqual({ weight: 50, untilMs: 140_000 })
    expect(at(140_000)).toBeUndefined()
  })
})

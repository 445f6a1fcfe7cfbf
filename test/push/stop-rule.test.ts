import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Wave } from "../../src/model/wave.ts"
import { whyStop } from "../../src/push/stop-rule.ts"

const hosts = (count: number) => Array.from({ length: count }, (_, index) => `rs${index + 1}`)

const gain = (count: number, maxFail: Wave["batches"][number]["maxFail"]): Wave => ({
  phase: "gain",
  batches: [{ hosts: hosts(count), maxFail }],
})

const failed = (count: number) => hosts(count).map((host) => ({ host, phase: "gain" as const }))

describe("the stop rule", () => {
  it.each([
    [10, 0, 0, false],
    [10, 0, 1, true],
    [10, 10, 1, false],
    [10, 10, 2, true],
    [3, 33, 1, true],
    [3, 34, 1, false],
    [1, 99, 1, true],
    [4, 100, 4, false],
  ])(
    "of %i hosts with max_fail_percentage %i after %i failures: %s",
    (count, percent, bad, stop) => {
      expect(whyStop([gain(count, { percent })], failed(bad), []) !== undefined).toBe(stop)
    },
  )

  it("counts a number over the whole run, unreachable hosts too, each once", () => {
    const waves: Wave[] = [
      gain(4, { hosts: 2 }),
      { phase: "lose", batches: [{ hosts: hosts(4), maxFail: { hosts: 2 } }] },
    ]
    const twice = [...failed(2), { host: "rs1", phase: "lose" as const }]
    expect(whyStop(waves, twice, [])).toBeUndefined()
    expect(whyStop(waves, twice, ["rs9"])).toBe("3 failed, over the limit of 2")
  })

  it("keeps the failures of one cluster from another's limit", () => {
    const waves: Wave[] = [
      {
        phase: "gain",
        batches: [
          { hosts: ["a1", "a2"], maxFail: { percent: 50 } },
          { hosts: ["b1", "b2"], maxFail: { percent: 0 } },
        ],
      },
    ]
    expect(whyStop(waves, [{ host: "a1", phase: "gain" }], [])).toBeUndefined()
    expect(whyStop(waves, [{ host: "b1", phase: "gain" }], [])).toBe("a host failed")
  })

  it("stops for a canary whatever the limit", () => {
    const canary = { ...gain(2, { percent: 100 }), soakMs: 0 }
    expect(whyStop([canary], failed(1), [])).toBe("the canary rs1 failed")
  })

  it("never goes on again once it has stopped, whoever else fails", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(100),
        fc.nat(20),
        fc.nat(20),
        (count, percent, before, more) => {
          const waves = [gain(count, { percent })]
          const stopped = whyStop(waves, failed(Math.min(before, count)), []) !== undefined
          const later = whyStop(waves, failed(Math.min(before + more, count)), []) !== undefined
          expect(!stopped || later).toBe(true)
        },
      ),
    )
  })
})

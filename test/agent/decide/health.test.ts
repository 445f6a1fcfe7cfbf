import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { HealthMemory } from "../../../src/agent/decide/health.ts"
import {
  nextCheckMs,
  rememberedServer,
  stepHealth,
  unaskedServer,
} from "../../../src/agent/decide/health.ts"
import { jittered } from "../../../src/agent/decide/jitter.ts"

const check = { retries: 2, rise: 2, intervalMs: 6000, delayBeforeRetryMs: 1000 }

function after(start: HealthMemory, outcomes: string): HealthMemory {
  return outcomes
    .split("")
    .reduce(
      (memory, sign, index) =>
        stepHealth(memory, { ok: sign === "+", message: sign }, check, index + 1),
      start,
    )
}

const up = rememberedServer("up", "", 0)
const down = rememberedServer("down", "", 0)
const fresh = unaskedServer(false, 0)
const trusted = unaskedServer(true, 0)
const hopeful = unaskedServer(false, 0, "up")
const doubted = unaskedServer(false, 0, "down")

describe("stepHealth", () => {
  it.each([
    ["up", "--", "up"],
    ["up", "---", "down"],
    ["up", "--+--", "up"],
    ["down", "+", "down"],
    ["down", "++", "up"],
    ["down", "+-+", "down"],
    ["fresh", "+", "up"],
    ["fresh", "-", "down"],
    ["trusted", "+", "up"],
    ["trusted", "--", "unknown"],
    ["trusted", "---", "down"],
    ["trusted", "--+", "up"],
    ["hopeful", "", "unknown"],
    ["hopeful", "--", "unknown"],
    ["hopeful", "---", "down"],
    ["hopeful", "+", "up"],
    ["doubted", "", "down"],
    ["doubted", "+", "down"],
    ["doubted", "+-+", "down"],
    ["doubted", "++", "up"],
  ] as const)("with 2 retries and rise 2, %s after %s is %s", (start, outcomes, state) => {
    expect(after({ up, down, fresh, trusted, hopeful, doubted }[start], outcomes).state).toBe(state)
  })

  it("keeps the last words, and the time of the last change", () => {
    const memory = after(up, "---+")
    expect(memory).toMatchObject({ state: "down", message: "+", sinceMs: 3 })
  })

  it("keeps the weight of the last good answer, until one asks for none", () => {
    const once = { retries: 1, rise: 1 }
    const heavy = stepHealth(up, { ok: true, message: "", weight: 7 }, once, 1)
    expect(heavy.weight).toBe(7)
    const doubtful = stepHealth(heavy, { ok: false, message: "" }, once, 2)
    expect(doubtful).toMatchObject({ state: "up", weight: 7 })
    expect(stepHealth(doubtful, { ok: true, message: "" }, once, 3).weight).toBeUndefined()
    expect(rememberedServer("up", "", 0, { weight: 7 }).weight).toBe(7)
  })

  it("remembers since when a server is gone that served, and not of one that never did", () => {
    expect(after(up, "---").lastUpMs).toBe(3)
    expect(after(up, "-----").lastUpMs).toBe(3)
    expect(after(up, "---++").lastUpMs).toBeUndefined()
    expect(after(trusted, "---").lastUpMs).toBe(3)
    expect(after(hopeful, "---").lastUpMs).toBe(3)
    for (const never of [fresh, doubted]) expect(after(never, "---").lastUpMs).toBeUndefined()
  })

  it("remembers when a server came up, unless it was in before", () => {
    expect(after(down, "-++").joinedMs).toBe(3)
    expect(after(fresh, "+").joinedMs).toBe(1)
    expect(after(doubted, "++++").joinedMs).toBe(2)
    for (const held of [up, trusted, hopeful]) expect(after(held, "++").joinedMs).toBeUndefined()
    expect(after(fresh, "+---").joinedMs).toBeUndefined()
  })

  it("leaves one that the kernel holds in, whatever its initial state", () => {
    expect(after(unaskedServer(true, 0, "down"), "--").state).toBe("unknown")
  })

  it("never changes on outcomes that agree with the state", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(50), (ok, count) => {
        const start = ok ? up : down
        expect(after(start, (ok ? "+" : "-").repeat(count)).state).toBe(start.state)
      }),
    )
  })
})

describe("nextCheckMs", () => {
  it("is the interval at rest and the retry delay in doubt", () => {
    expect(nextCheckMs(up, check)).toBe(6000)
    expect(nextCheckMs(after(up, "-"), check)).toBe(1000)
    expect(nextCheckMs(after(up, "---"), check)).toBe(6000)
  })

  it("asks a server that was never up at the pace of a retry, for a minute", () => {
    expect(nextCheckMs(after(fresh, "-"), check)).toBe(1000)
    expect(nextCheckMs(after(fresh, "-".repeat(60)), check)).toBe(6000)
    expect(nextCheckMs(after(fresh, "-+---"), check)).toBe(6000)
  })
})

describe("jittered", () => {
  it("stays within a tenth and is the same for the same seed and round", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (seed, round) => {
        const moved = jittered(6000, seed, round)
        expect(moved).toBeGreaterThanOrEqual(5400)
        expect(moved).toBeLessThanOrEqual(6600)
        expect(jittered(6000, seed, round)).toBe(moved)
      }),
    )
  })

  it("spreads servers", () => {
    const moved = Array.from({ length: 100 }, (_, n) => jittered(6000, `10.0.0.${n}:80`, 1))
    expect(new Set(moved).size).toBeGreaterThan(80)
  })
})

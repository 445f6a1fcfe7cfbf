import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Outcome } from "../../../src/agent/decide/health.ts"
import { latenessClass, latenessWithin, noLateness } from "../../../src/agent/decide/lateness.ts"
import type { CheckTarget, KnownHealth } from "../../../src/agent/decide/targets.ts"
import type { HealthReport, TargetMessage } from "../../../src/agent/messages.ts"
import { Prober } from "../../../src/agent/probe/prober.ts"
import { check } from "../../plan/samples.ts"

const unknown: KnownHealth = { state: "unknown", message: "", sinceMs: 0, pooled: false }

function ask(key: string, known = unknown, more: Partial<CheckTarget> = {}): TargetMessage {
  return {
    target: { key, check, address: "10.0.0.1", port: 80, vip: "192.0.2.10", ...more },
    known,
  }
}

describe("Prober", () => {
  let reports: HealthReport[] = []
  let asked: string[] = []
  let answer: (target: CheckTarget) => Promise<Outcome>
  let prober: Prober
  let clockSetMs = 0

  beforeEach(() => {
    vi.useFakeTimers()
    reports = []
    asked = []
    clockSetMs = 0
    answer = () => Promise.resolve({ ok: true, message: "connected" })
    prober = new Prober({
      probe: (target) => {
        asked.push(target.key)
        return answer(target)
      },
      report: (list) => reports.push(...list),
      now: () => Date.now() + clockSetMs,
      clock: () => performance.now(),
      mostAtOnce: 512,
    })
  })
  afterEach(() => {
    prober.stop()
    vi.useRealTimers()
  })

  it("asks at once, reports the first answer, and then only changes", async () => {
    prober.setTargets([ask("a"), ask("b")])
    await vi.advanceTimersByTimeAsync(150)
    expect(reports.map(({ key, state }) => `${key} ${state}`)).toEqual(["a up", "b up"])
    await vi.advanceTimersByTimeAsync(20_000)
    expect(asked.length).toBeGreaterThan(6)
    expect(reports).toHaveLength(2)
  })

  it("reports a death after its retries, a second apart", async () => {
    prober.setTargets([ask("a")])
    await vi.advanceTimersByTimeAsync(150)
    answer = () => Promise.resolve({ ok: false, message: "connection refused" })
    await vi.advanceTimersByTimeAsync(8000)
    expect(reports.at(-1)).toMatchObject({ state: "down", message: "connection refused" })
  })

  it("reports a weight whenever it is another, though the words are the same", async () => {
    let weight: number | undefined = 5
    answer = () =>
      Promise.resolve({ ok: true, message: "", ...(weight === undefined ? {} : { weight }) })
    prober.setTargets([ask("a")])
    await vi.advanceTimersByTimeAsync(150)
    weight = 3
    await vi.advanceTimersByTimeAsync(8000)
    weight = undefined
    await vi.advanceTimersByTimeAsync(8000)
    expect(reports.map((report) => report.weight)).toEqual([5, 3, undefined])
  })

  it("begins with the weight that was known before", () => {
    const known = { ...unknown, state: "up" as const, weight: 9 }
    prober.setTargets([ask("a", known)])
    expect(reports.at(-1)).toMatchObject({ key: "a", state: "up", weight: 9 })
  })

  it("keeps what it knows when targets are set again, tells it, and forgets those that left", async () => {
    prober.setTargets([ask("a"), ask("b")])
    await vi.advanceTimersByTimeAsync(150)
    reports = []
    asked = []
    prober.setTargets([ask("a")])
    expect(reports.map(({ key, state }) => `${key} ${state}`)).toEqual(["a up"])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(asked).not.toContain("b")
  })

  it("asks a changed target at once and keeps its state meanwhile", async () => {
    prober.setTargets([ask("a")])
    await vi.advanceTimersByTimeAsync(150)
    asked = []
    prober.setTargets([ask("a", unknown, { port: 81 })])
    expect(reports.at(-1)).toMatchObject({ key: "a", state: "up" })
    await vi.advanceTimersByTimeAsync(150)
    expect(asked).toEqual(["a"])
    await vi.advanceTimersByTimeAsync(6700)
    expect(asked).toHaveLength(2)
  })

  it("keeps its rhythm when somebody sets the clock", async () => {
    prober.setTargets([ask("a")])
    await vi.advanceTimersByTimeAsync(150)
    asked = []
    clockSetMs = -86_400_000
    await vi.advanceTimersByTimeAsync(20_000)
    clockSetMs = 86_400_000
    await vi.advanceTimersByTimeAsync(20_000)
    expect(asked.length).toBeGreaterThanOrEqual(6)
    expect(asked.length).toBeLessThanOrEqual(8)
  })

  it("asks a thousand servers within their interval, none of them twice, and tells how late", async () => {
    prober.setTargets(Array.from({ length: 1000 }, (_, n) => ask(`s${n}`)))
    await vi.advanceTimersByTimeAsync(3000)
    expect(new Set(asked).size).toBe(1000)
    expect(asked).toHaveLength(1000)
    expect(prober.takeLateness().reduce((sum, count) => sum + count)).toBe(1000)
    expect(prober.takeLateness()).toEqual(noLateness())
  })

  it("counts as late what had to wait for others", async () => {
    answer = () => new Promise((resolve) => setTimeout(resolve, 1500, { ok: true, message: "" }))
    prober.setTargets(Array.from({ length: 600 }, (_, n) => ask(`s${n}`)))
    await vi.advanceTimersByTimeAsync(2500)
    const lateness = prober.takeLateness()
    expect(lateness[latenessClass(1000)]).toBe(88)
    expect(latenessWithin(lateness, 0.8)).toBe(1)
  })

  it("goes on from what the engine knows when it is new", async () => {
    answer = () => Promise.resolve({ ok: false, message: "timed out" })
    prober.setTargets([ask("a", { state: "up", message: "connected", sinceMs: 7, pooled: true })])
    expect(reports).toEqual([{ key: "a", state: "up", message: "connected", sinceMs: 7 }])
    await vi.advanceTimersByTimeAsync(150)
    expect(reports.at(-1)).toMatchObject({ state: "up", message: "timed out" })
    await vi.advanceTimersByTimeAsync(1200)
    expect(reports.at(-1)).toMatchObject({ state: "down" })
  })

  it("holds no more than 512 checks open, and gets round to all", async () => {
    let open = 0
    let most = 0
    answer = async () => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setTimeout(resolve, 1000))
      open--
      return { ok: true, message: "connected" }
    }
    prober.setTargets(Array.from({ length: 1200 }, (_, n) => ask(`s${n}`)))
    await vi.advanceTimersByTimeAsync(5000)
    expect(most).toBe(512)
    expect(new Set(asked).size).toBe(1200)
  })
})

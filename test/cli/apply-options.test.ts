import { describe, expect, it } from "vitest"
import { applyOptions } from "../../src/cli/apply-options.ts"
import { Failure } from "../../src/core/failure.ts"

function failureOf(work: () => unknown): Failure {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown
    throw thrown
  }
  throw new Error("nothing was thrown")
}

/** What commander fills in. */
const usual = { hooks: true, hookTimeout: "60s", lockWait: "0s" } as const

describe("the flags of an apply", () => {
  it("are all off, and the time to confirm 30 s, unless said otherwise", () => {
    expect(applyOptions({ ...usual, confirmTimeout: "30s" })).toEqual({
      format: "text",
      json: false,
      diff: false,
      yes: false,
      allowed: new Set(),
      confirmSeconds: 30,
      lockWaitMs: 0,
      rollout: {},
      hooks: { enabled: true, timeoutMs: 60_000 },
    })
  })

  it("take sizes of batches and a limit of failures", () => {
    const { rollout } = applyOptions({
      ...usual,
      confirmTimeout: "30s",
      serial: "1, 25%",
      maxFail: "10%",
    })
    expect(rollout).toEqual({ serial: [{ hosts: 1 }, { percent: 25 }], maxFail: { percent: 10 } })
  })

  it.each([
    { serial: "" },
    { serial: "0" },
    { serial: "1,,2" },
    { serial: "120%" },
    { maxFail: "few" },
    { maxFail: "-1" },
  ])("refuse %j", (flags) => {
    expect(failureOf(() => applyOptions({ ...usual, confirmTimeout: "30s", ...flags })).code).toBe(
      "input",
    )
  })

  it("take several guards with commas between them", () => {
    const { allowed } = applyOptions({
      ...usual,
      confirmTimeout: "2m",
      allow: "vip-unconnected, service-loses-servers,",
    })
    expect([...allowed]).toEqual(["vip-unconnected", "service-loses-servers"])
  })

  it.each(["5s", "90s", "1h", "5001ms"])("take %s to confirm", (confirmTimeout) => {
    expect(applyOptions({ ...usual, confirmTimeout }).confirmSeconds).toBeGreaterThanOrEqual(5)
  })

  it.each(["", "30", "soon", "4s", "0s", "61m", "-5s", "1e3s"])(
    "refuse %j as bad input",
    (confirmTimeout) => {
      const failure = failureOf(() => applyOptions({ ...usual, confirmTimeout }))
      expect(failure.code).toBe("input")
      expect(failure.hint).toMatch(/30s|5s to 1h/)
    },
  )

  it("refuse a guard that there is not, with the nearest", () => {
    const failure = failureOf(() =>
      applyOptions({ ...usual, confirmTimeout: "30s", allow: "service-looses-servers" }),
    )
    expect([failure.code, failure.hint]).toEqual(["input", "did you mean service-loses-servers?"])
  })
})

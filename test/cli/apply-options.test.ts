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

describe("the flags of an apply", () => {
  it("are all off, and the time to confirm 30 s, unless said otherwise", () => {
    expect(applyOptions({ confirmTimeout: "30s" })).toEqual({
      json: false,
      diff: false,
      yes: false,
      allowed: new Set(),
      confirmSeconds: 30,
    })
  })

  it("take several guards with commas between them", () => {
    const { allowed } = applyOptions({
      confirmTimeout: "2m",
      allow: "vip-unconnected, service-loses-servers,",
    })
    expect([...allowed]).toEqual(["vip-unconnected", "service-loses-servers"])
  })

  it.each(["5s", "90s", "1h", "5001ms"])("take %s to confirm", (confirmTimeout) => {
    expect(applyOptions({ confirmTimeout }).confirmSeconds).toBeGreaterThanOrEqual(5)
  })

  it.each(["", "30", "soon", "4s", "0s", "61m", "-5s", "1e3s"])(
    "refuse %j as bad input",
    (confirmTimeout) => {
      const failure = failureOf(() => applyOptions({ confirmTimeout }))
      expect(failure.code).toBe("input")
      expect(failure.hint).toMatch(/30s|5s to 1h/)
    },
  )

  it("refuse a guard that there is not, with the nearest", () => {
    const failure = failureOf(() =>
      applyOptions({ confirmTimeout: "30s", allow: "service-looses-servers" }),
    )
    expect([failure.code, failure.hint]).toEqual(["input", "did you mean service-loses-servers?"])
  })
})

import { describe, expect, it } from "vitest"
import type { RolloutChoice } from "../../src/model/rollout.ts"
import { orderText, stagesOf } from "../../src/plan/order-text.ts"
import { wavesOf } from "../../src/plan/waves.ts"
import { step } from "./rollouts.ts"

const servers = Array.from({ length: 12 }, (_, index) => step(`rs${index + 1}`, "gain"))
const directors = [step("lb2", "backup"), step("lb1", "master")]

const order = (plans: typeof servers, choice: RolloutChoice = {}) =>
  orderText(stagesOf(wavesOf(plans, { clusters: new Map(), choice })))

describe("the order in a plan", () => {
  it("is not told where all change at once", () => {
    expect(order(servers)).toBe("")
  })

  it("is that of the phases", () => {
    expect(order([step("rs1", "gain"), ...directors])).toBe(
      [
        "Order:",
        "  1. real servers get ready: rs1",
        "  2. backup directors: lb2",
        "  3. master directors: lb1",
      ].join("\n"),
    )
  })

  it("tells canaries and sizes of batches", () => {
    const choice = {
      canary: ["rs2"],
      soakMs: 30_000,
      serial: [{ hosts: 1 }, { percent: 20 }],
    }
    const text = order([...servers, ...directors], choice)
    expect(text).toContain("  1. real servers get ready, as canary, watched for 30s: rs2")
    expect(text).toContain("  2. real servers get ready, 1, 2, 2, 2 and so on at a time: ")
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
    expect(order(servers, { serial: [{ hosts: 6 }] })).toContain("6, 6 at a time")
  })
})

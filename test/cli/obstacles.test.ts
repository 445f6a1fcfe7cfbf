import { describe, expect, it } from "vitest"
import { obstacleOf } from "../../src/cli/obstacles.ts"
import type { Guard, Plan } from "../../src/model/plan.ts"
import { step } from "../plan/rollouts.ts"

const empty: Plan = {
  hosts: [],
  unchanged: ["rs1"],
  unreachable: [],
  blocked: [],
  guards: [],
  warnings: [],
}
const guards: Guard[] = [
  { guard: "vip-unconnected", message: "VIP" },
  { guard: "vip-unconnected", message: "another VIP" },
  { guard: "service-loses-servers", message: "servers" },
]
const unreachable = [
  { host: "rs2", message: "does not answer" },
  { host: "rs3", message: "does not answer" },
]
const none = new Set<never>()

describe("what stands against an apply", () => {
  it("is nothing for a plan without guards and missing hosts", () => {
    expect(obstacleOf(empty, none, false)).toBeUndefined()
  })

  it("is each guard that is not allowed, told once (9)", () => {
    expect(obstacleOf({ ...empty, guards }, none, false)).toEqual({
      code: 9,
      message:
        "Nothing was changed: this looks like an accident. If it is meant: --allow vip-unconnected,service-loses-servers",
    })
    expect(obstacleOf({ ...empty, guards }, new Set(["vip-unconnected"]), false)?.message).toMatch(
      /--allow service-loses-servers$/,
    )
    const all = new Set(["vip-unconnected", "service-loses-servers"] as const)
    expect(obstacleOf({ ...empty, guards }, all, false)).toBeUndefined()
  })

  it("is any host that could not be reached (4), with the --limit that goes on without", () => {
    expect(obstacleOf({ ...empty, guards, unreachable }, none, false)).toEqual({
      code: 4,
      message:
        "Nothing was changed: rs2, rs3 could not be reached. To go on without: --limit '!rs2,!rs3' (added to a --limit you gave).",
    })
    expect(obstacleOf({ ...empty, unchanged: [], unreachable }, none, false)?.message).toBe(
      "Nothing was changed: none of the hosts could be reached.",
    )
  })

  it("is no host that could not be reached where the limit of failures covers it", () => {
    expect(obstacleOf({ ...empty, unreachable }, none, true)).toBeUndefined()
  })

  it("is a canary that has nothing to change, or is a master (3)", () => {
    const hosts = [step("rs2", "gain"), step("lb2", "backup"), step("lb1", "master")]
    const canary = (host: string) => obstacleOf({ ...empty, hosts }, none, false, [host])
    expect(canary("rs2")).toBeUndefined()
    expect(canary("lb2")).toBeUndefined()
    expect(canary("rs1")).toMatchObject({ code: 3 })
    expect(canary("rs1")?.message).toMatch(/rs1 has nothing to change.* Others .*: rs2, lb2\./)
    expect(canary("lb1")?.message).toMatch(/lb1 is a master/)
    expect(obstacleOf(empty, none, false, ["rs1"])).toBeUndefined()
  })

  it("is first of all a host on which it can't be done (1)", () => {
    const blocked = [{ host: "lb1", message: "no IPVS" }]
    expect(obstacleOf({ ...empty, guards, unreachable, blocked }, none, false)?.code).toBe(1)
  })
})

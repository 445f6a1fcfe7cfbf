import { describe, expect, it } from "vitest"
import type { Change, HostPlan, Plan } from "../../src/model/plan.ts"
import { planJson } from "../../src/plan/json.ts"
import { planMarkdown } from "../../src/plan/markdown.ts"
import { planText, summary } from "../../src/plan/text.ts"
import { change, emptyPlan, hostPlan } from "./plans.ts"

const asText = (plan: Partial<Plan>) => planText({ ...emptyPlan, ...plan }, { diff: false })

function realServers(count: number, changes: readonly Change[] = [change()]): HostPlan[] {
  return Array.from({ length: count }, (_, index) =>
    hostPlan({ host: `rs${String(index + 1).padStart(2, "0")}`, changes }),
  )
}

describe("summary()", () => {
  it("says so when there is nothing to do", () => {
    expect(summary({ ...emptyPlan, unchanged: ["rs1"] })).toBe(
      "No changes. 1 host holds what the definition says.",
    )
  })

  it("does not call it no changes when a host did not answer", () => {
    const unreachable = [{ host: "rs9", message: "no route" }]
    expect(summary({ ...emptyPlan, unreachable })).toBe("Plan: 0 hosts to change, 1 unreachable.")
  })
})

describe("planText()", () => {
  it("says once what is alike for several hosts", () => {
    const words = { message: "no key to log in with", hint: "make one" }
    const unreachable = [
      { host: "rs1", ...words },
      { host: "lb1", message: "timed out" },
      { host: "rs2", ...words },
    ]
    expect(asText({ unreachable }).split("\n\n")[0]).toBe(
      "Unreachable:\n  rs1, rs2: no key to log in with\n      make one\n  lb1: timed out",
    )
  })

  it("shows hosts with the same changes once, and counts many", () => {
    expect(asText({ hosts: realServers(2) })).toContain(
      "rs01, rs02  (real servers get ready)\n  + address 10.77.0.100/32: on lo",
    )
    expect(asText({ hosts: realServers(12) })).toContain(
      "12 hosts: rs[01-12]  (real servers get ready)\n",
    )
  })

  it("shows a host whose changes are of another risk or kind by itself", () => {
    const [first, second] = realServers(2)
    const other = hostPlan({ host: "rs02", changes: [change({ risk: "high" })] })
    expect(asText({ hosts: [first, second].filter((one) => one !== undefined) })).toContain(
      "rs01, rs02",
    )
    expect(asText({ hosts: [...realServers(1), other] })).toMatch(/^rs01 {2}.*\n.*\n\nrs02 {2}/)
  })

  it("keeps every line within 80 columns, and a risk in one piece", () => {
    const kinds = ["module", "sysctl", "link", "address", "file", "unit", "ipvs", "vrrp"] as const
    const changes = kinds.flatMap((kind) =>
      Array.from({ length: 34 }, (_, length) =>
        change({ kind, risk: "low", meaning: `${"x".repeat(30)} ${"y".repeat(length)} z` }),
      ),
    )
    const hosts = ["a", "b"].flatMap((letter) =>
      realServers(20, changes).map((plan) => ({
        ...plan,
        host: `${letter}-${plan.host.slice(2)}-x`,
      })),
    )
    const directors = hosts.map((plan) => ({ ...plan, phase: "backup" as const }))
    const text = asText({ hosts: [...hosts, ...directors], unchanged: ["rs99"] })
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
    expect(text.match(/\[risk low\]/g)).toHaveLength(changes.length * 2)
  })

  it("names the hosts that lbctl does not manage before the summary, on lines that fit", () => {
    const unmanaged = ["rs8", "rs9"]
    expect(asText({ unmanaged, unchanged: ["lb1"] })).toBe(
      "Not managed: rs8, rs9 (lbctl_managed: false)\n\nNo changes. 1 host holds what the definition says.",
    )
    const many = Array.from({ length: 40 }, (_, index) => `win-${index * 2}.example`)
    const lines = asText({ unmanaged: many }).split("\n")
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(planJson({ ...emptyPlan, unmanaged })).toMatchObject({ unmanaged })
    expect(planJson(emptyPlan)).not.toHaveProperty("unmanaged")
    expect(planMarkdown({ ...emptyPlan, unmanaged })).toContain("Not managed: rs8, rs9 ")
  })

  it("in brief is what stands against the plan, and the summary", () => {
    const guard = { guard: "vip-unconnected", host: "lb1", message: "VIP" } as const
    const plan = { ...emptyPlan, hosts: realServers(2), guards: [guard] }
    expect(planText(plan, { diff: false, brief: true })).toBe(
      "Needs your word:\n  lb1: VIP\n\nPlan: 2 hosts to change (2 addresses).",
    )
  })
})

import { describe, expect, it } from "vitest"
import { operations, type AccessRule } from "../../src/model/access.ts"
import { accessRefusal, failoverRefusal, type AskedOverride } from "../../src/plan/access.ts"
import { server, service } from "./samples.ts"

const web = service({ name: "web", cluster: "tokyo", servers: [server(1), server(2)] })
const shop = service({ name: "shop", cluster: "tokyo", servers: [server(2)] })
const dns = service({ name: "dns", cluster: "osaka", servers: [server(2)] })
const all: AccessRule = {
  cluster: "tokyo",
  users: ["ann"],
  groups: [],
  operations,
}
const drain = (more: Partial<AskedOverride>): AskedOverride => ({ action: "drain", ...more })

function refusal(
  rules: readonly AccessRule[],
  asked: AskedOverride,
  user = "ann",
  groups: readonly string[] = [],
): string | undefined {
  return accessRefusal({ services: [web, shop, dns], access: rules }, { user, groups }, asked)
}

describe("access rules", () => {
  it("refuse nothing where there are none, and nothing to root", () => {
    expect(refusal([], drain({ host: "rs2" }), "eve")).toBeUndefined()
    expect(refusal([all], drain({ host: "rs2", service: "dns" }), "eve")).toBeUndefined()
    expect(refusal([all], drain({ host: "rs2" }), "root")).toBeUndefined()
  })

  it("grant to users and to members of groups, and say to whom they do not", () => {
    const asked = drain({ host: "rs1" })
    const group = { ...all, users: [], groups: ["oncall"] }
    expect(refusal([all], asked)).toBeUndefined()
    expect(refusal([group], asked, "bob", ["staff", "oncall"])).toBeUndefined()
    expect(refusal([group], asked, "bob", ["staff"])).toBe(
      "access rules of tokyo do not grant bob drain on rs1:web",
    )
  })

  it("refuse who does not tell his name", () => {
    const state = { services: [web], access: [all] }
    expect(accessRefusal(state, undefined, drain({ host: "rs1" }))).toMatch(/was not told/)
    expect(accessRefusal({ services: [web] }, undefined, drain({ host: "rs1" }))).toBeUndefined()
  })

  it("grant only the operations that they name", () => {
    const rule: AccessRule = { ...all, operations: ["drain"] }
    expect(refusal([rule], drain({ host: "rs1" }))).toBeUndefined()
    expect(refusal([rule], { action: "disable", host: "rs1" })).toMatch(/ann disable on rs1:web/)
  })

  it("grant a failover of the cluster where they name it and are about all of it", () => {
    const may = (rule: AccessRule, user = "ann", cluster = "tokyo") =>
      failoverRefusal({ access: [rule] }, { user, groups: [] }, cluster)
    expect(may(all)).toBeUndefined()
    expect(may(all, "root")).toBeUndefined()
    expect(may(all, "bob", "osaka")).toBeUndefined()
    expect(failoverRefusal({}, undefined, "tokyo")).toBeUndefined()
    expect(may(all, "bob")).toBe("access rules of tokyo do not grant bob a failover of tokyo")
    expect(failoverRefusal({ access: [all] }, undefined, "tokyo")).toMatch(/was not told/)
    for (const less of [
      { operations: ["drain" as const] },
      { services: ["web"] },
      { hosts: ["lb1"] },
    ])
      expect(may({ ...all, ...less })).toMatch(/do not grant ann/)
  })

  it("must grant everything that an override covers", () => {
    const rule = { ...all, services: ["web"] }
    expect(refusal([rule], drain({ service: "web" }))).toBeUndefined()
    expect(refusal([rule], drain({ host: "rs2", service: "web" }))).toBeUndefined()
    expect(refusal([rule], drain({ host: "rs1" }))).toBeUndefined()
    expect(refusal([rule], drain({ host: "rs2" }))).toMatch(/drain on rs2:shop/)
    const host = { ...all, hosts: ["rs1"] }
    expect(refusal([host], drain({ host: "rs1" }))).toBeUndefined()
    expect(refusal([host], drain({ service: "web" }))).toMatch(/drain on rs2:web/)
    expect(refusal([rule, { ...all, services: ["shop"] }], drain({ host: "rs2" }))).toBeUndefined()
  })

  it("grant the priority of directors, but not by a rule on services", () => {
    const asked = { action: "priority", host: "lb1", cluster: "tokyo" } as const
    expect(refusal([all], asked)).toBeUndefined()
    expect(refusal([{ ...all, hosts: ["lb1"] }], asked)).toBeUndefined()
    expect(refusal([{ ...all, hosts: ["lb2"] }], asked)).toMatch(/priority on lb1$/)
    expect(refusal([{ ...all, services: ["web"] }], asked)).toMatch(/priority on lb1$/)
    expect(refusal([all], { ...asked, cluster: "osaka" })).toBeUndefined()
  })
})

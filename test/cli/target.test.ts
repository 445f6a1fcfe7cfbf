import { describe, expect, it } from "vitest"
import { resolveTarget } from "../../src/cli/target.ts"

const subjects = [
  { host: "rs1", service: "web" },
  { host: "rs2", service: "web" },
  { host: "rs2", service: "shop" },
]

describe("a TARGET", () => {
  it.each([
    ["rs2", { host: "rs2" }],
    ["web", { service: "web" }],
    ["rs2:shop", { host: "rs2", service: "shop" }],
    [":shop", { service: "shop" }],
    ["rs2:", { host: "rs2" }],
  ])("%s is what the definition has by that name", (target, scope) => {
    expect(resolveTarget(target, undefined, subjects)).toEqual(scope)
  })

  it("takes a host's name as it stands with --service", () => {
    const colons = [{ host: "2001:db8::1", service: "web" }]
    expect(resolveTarget("2001:db8::1", undefined, colons)).toEqual({ host: "2001:db8::1" })
    expect(resolveTarget("2001:db8::1", "web", colons)).toEqual(colons[0])
    expect(resolveTarget("2001:db8::1:web", undefined, colons)).toEqual(colons[0])
  })

  it("is refused where it means two, with words that mean one", () => {
    const both = [...subjects, { host: "web", service: "api" }, { host: "rs1:web", service: "api" }]
    expect(refusal("web", undefined, both)).toEqual([
      "web means real server web, or service web",
      "say web: or :web",
    ])
    expect(refusal("rs1:web", undefined, both)).toEqual([
      "rs1:web means real server rs1:web, or rs1 in service web",
      "say rs1:web: or rs1 --service web",
    ])
    expect(resolveTarget("web:", undefined, both)).toEqual({ host: "web" })
    expect(resolveTarget("rs1:web:", undefined, both)).toEqual({ host: "rs1:web" })
    expect(resolveTarget("rs1", "web", both)).toEqual({ host: "rs1", service: "web" })
  })

  it.each([
    ["rs3", undefined, "rs3 is no real server of any service", "did you mean rs1?"],
    ["shpo", undefined, "shpo is no real server of any service", "did you mean shop?"],
    ["rs1:shop", undefined, "rs1 does not serve shop", "known are web"],
    ["rs1", "wep", "rs1 does not serve wep", "did you mean web?"],
    [":wep", undefined, "there is no service wep", "did you mean web?"],
  ])(
    "%s (--service %s) that nobody has is refused with the nearest name",
    (target, service, words, hint) => {
      expect(refusal(target, service, subjects)).toEqual([words, hint])
    },
  )
})

function refusal(...question: Parameters<typeof resolveTarget>): unknown {
  try {
    return resolveTarget(...question)
  } catch (thrown) {
    const { message, hint } = thrown as { message: string; hint: string }
    return [message, hint]
  }
}

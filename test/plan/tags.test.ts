import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chooseByTags, type Tags } from "../../src/plan/tags.ts"

const members = [
  { host: "lb1", roles: ["director"] },
  { host: "rs1", roles: ["realserver"] },
  { host: "rs2", roles: ["realserver", "motd"] },
  { host: "bare", roles: [] },
]
const services = ["web", "shop"]

function chosen(tags: Tags, among = members): string[] | string {
  const result = chooseByTags(tags, among, { members, services })
  if (result.ok) return [...(result.value.services ?? result.value.hosts)]
  return result.error.map(({ message, hint }) => `${message} (${hint ?? ""})`).join("\n")
}

describe("chooseByTags()", () => {
  it("takes hosts all of whose roles are chosen", () => {
    expect(chosen({ tags: "director" })).toEqual(["lb1"])
    expect(chosen({ tags: "realserver, motd" })).toEqual(["rs1", "rs2"])
    expect(chosen({ skipTags: "director" })).toEqual(["rs1", "rs2"])
    expect(chosen({ tags: "director,realserver,motd", skipTags: "director" })).toEqual([
      "rs1",
      "rs2",
    ])
    expect(chosen({ tags: "realserver" }, members.slice(0, 2))).toEqual(["rs1"])
  })

  it("refuses to bring a part of a host's release to it", () => {
    expect(chosen({ tags: "realserver" })).toBe(
      "some roles of rs2 are chosen and some are not: a host is brought to its release whole (choose all of motd, realserver, or leave the hosts out with --limit)",
    )
    expect(chosen({ skipTags: "motd" })).toContain("some roles of rs2")
  })

  it("takes services instead, whoever has a part in them", () => {
    expect(chosen({ tags: "service:web" })).toEqual(["web"])
    expect(chosen({ tags: "web, shop", skipTags: "web" })).toEqual(["shop"])
    expect(chosen({ skipTags: "shop" })).toEqual(["web"])
    expect(chosen({ tags: "shop", skipTags: "service:shop" })).toContain("leave no service")
  })

  it("refuses roles and services at once", () => {
    expect(chosen({ tags: "director,web" })).toContain("roles and services are both named")
  })

  it("knows no other names, tells the nearest, and all at once", () => {
    expect(chosen({ tags: "driector,relserver" })).toBe(
      "--tags driector: there is no such role or service (did you mean director?)\n--tags relserver: there is no such role or service (did you mean realserver?)",
    )
    expect(chosen({ tags: "" })).toContain("the roles are director, motd, realserver")
  })

  it("never is an empty run", () => {
    expect(chosen({ tags: "director" }, members.slice(1))).toContain("leave no host")
    expect(chosen({ tags: "motd", skipTags: "motd" })).toContain("leave no host")
  })

  it("never takes a host with a role that was not chosen, whatever the fleet", () => {
    const role = fc.constantFrom("a", "b", "c")
    const fleet = fc.array(fc.uniqueArray(role), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fleet, fc.uniqueArray(role, { minLength: 1 }), (hosts, tags) => {
        const all = hosts.map((roles, index) => ({ host: `h${index}`, roles }))
        const result = chooseByTags({ tags: tags.join(",") }, all, { members: all, services: [] })
        if (!result.ok) return
        for (const host of result.value.hosts)
          for (const one of all.find((member) => member.host === host)?.roles ?? [])
            expect(tags).toContain(one)
      }),
    )
  })
})

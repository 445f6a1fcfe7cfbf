import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chooseHosts, termsOf, type PatternScope } from "../../src/compile/host-pattern.ts"

const at = { file: "hosts.yml", line: 1, column: 1 }

function scope(groups: Readonly<Record<string, readonly string[]>>): PatternScope {
  const names = [...new Set(Object.values(groups).flat())]
  const hosts = names.map((name) => {
    const vars = name === "rs1" ? { ansible_host: "192.0.2.21" } : {}
    return { name, at, groups: [], vars, varAt: {} }
  })
  return { hosts, groups: { all: names, ungrouped: [], ...groups } }
}

const fleet = scope({
  lb: ["lb1", "lb2", "lb3"],
  web: ["rs1", "rs2", "rs10", "2001:db8::7"],
  tokyo: ["lb1", "rs1", "rs2"],
})

function chosen(pattern: string): readonly string[] {
  const result = chooseHosts(termsOf(pattern), fleet)
  return result.ok
    ? result.value
    : result.error.map(({ message, hint }) => `${message}; ${hint ?? ""}`)
}

describe("a host pattern", () => {
  it.each([
    ["rs1", ["rs1"]],
    ["all", ["lb1", "lb2", "lb3", "rs1", "rs2", "rs10", "2001:db8::7"]],
    ["lb,rs1", ["lb1", "lb2", "lb3", "rs1"]],
    ["rs1:lb", ["rs1", "lb1", "lb2", "lb3"]],
    ["rs1, lb2 lb1", ["rs1", "lb2", "lb1"]],
    ["rs?", ["rs1", "rs2"]],
    ["rs[!1]*", ["rs2"]],
    ["lb*", ["lb1", "lb2", "lb3"]],
    ["w*", ["rs1", "rs2", "rs10", "2001:db8::7"]],
    ["~(lb|rs)[12]$", ["lb1", "lb2", "rs1", "rs2"]],
    ["~(?i)RS1", ["rs1", "rs10"]],
    ["~(?P<kind>lb)3", ["lb3"]],
    ["2001:db8::7", ["2001:db8::7"]],
    ["all,!2001:db8::7,!rs*", ["lb1", "lb2", "lb3"]],
    ["web:&tokyo", ["rs1", "rs2"]],
    ["&tokyo", ["lb1", "rs1", "rs2"]],
    ["!lb2:lb", ["lb1", "lb3"]],
    ["!web", ["lb1", "lb2", "lb3"]],
    ["lb:web:&tokyo:!rs1", ["lb1", "rs2"]],
    ["web[0]", ["rs1"]],
    ["web[-1]", ["2001:db8::7"]],
    ["web[-2]", ["rs10"]],
    ["web[1:2]", ["rs2", "rs10"]],
    ["web[2:]", ["rs10", "2001:db8::7"]],
    ["lb*[1]", ["lb2"]],
    ["web[0],lb[0]", ["rs1", "lb1"]],
    ["lb:!lb[0]", ["lb2", "lb3"]],
    ["lb:!lb", []],
  ])("%s", (pattern, hosts) => expect(chosen(pattern)).toEqual(hosts))

  it.each([
    ["rs3", "--limit: rs3 matches no host or group; did you mean rs1?"],
    ["!wep", "--limit: !wep matches no host or group; did you mean web?"],
    [
      "192.0.2.21",
      "--limit: 192.0.2.21 matches no host or group; it is the ansible_host of rs1: patterns name hosts as the inventory does",
    ],
    [
      "rs[1:2]",
      "--limit: rs[1:2] matches no host or group; ranges are for inventories; a pattern says it with a glob: rs*",
    ],
    ["web[:2]", "--limit: web[:2] matches no host or group; a slice names its first: GROUP[0:2]"],
    ["lb[3]", "--limit: lb[3] matches no host or group; lb has 3 hosts, counted from 0"],
    ["lb[-4]", "--limit: lb[-4] matches no host or group; lb has 3 hosts, counted from 0"],
    ["~lb(", "--limit: ~lb( is no regular expression; correct the expression"],
    [
      "database",
      "--limit: database matches no host or group; there are: lb1, lb2, lb3, rs1, rs2, rs10, 2001:db8::7, all, ungrouped, lb, web, tokyo",
    ],
  ])("%s is a mistake, and what was meant is told", (pattern, words) =>
    expect(chosen(pattern)).toEqual([words]),
  )

  it("tells all mistakes at once", () => {
    expect(chosen("rs3:lb9:!nobody")).toHaveLength(3)
  })
})

describe("host patterns are the algebra of sets", () => {
  const groups = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 })
  const worlds = fc
    .record({ x: groups, y: groups, z: groups })
    .map(({ x, y, z }) => scope({ every: ["a", "b", "c", "d", "e"], x, y, z }))
  const choice = (world: PatternScope, pattern: string): string[] => {
    const result = chooseHosts(termsOf(pattern), world)
    if (!result.ok) throw new Error(pattern)
    return [...result.value].sort()
  }
  const same = (left: string, right: string): void =>
    fc.assert(
      fc.property(worlds, (world) => {
        expect(choice(world, left)).toEqual(choice(world, right))
      }),
      { numRuns: 50 },
    )

  it.each([
    ["x:y", "y:x"],
    ["x:y", "x,y"],
    ["x:x", "x"],
    ["x:y:z", "z:y:x"],
    ["x:&y", "y:&x"],
    ["x:&y:&z", "x:&z:&y"],
    ["x:y:!z", "!z:x:y"],
    ["x:!y:!z", "x:!z:!y"],
    ["x:&x", "x"],
    ["all:&x", "x"],
    ["!x", "all:!x"],
    ["x:&y:!y", "x:!x"],
    ["x[0:]", "x"],
    ["x:!x[0]:x[0]", "x:!x[0]"],
  ])("%s = %s", (left, right) => same(left, right))

  it("has every host either in a pattern or in its exclusion", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        expect([...choice(world, "x"), ...choice(world, "!x")].sort()).toEqual(choice(world, "all"))
      }),
    )
  })

  it("cuts a group into its slices", () => {
    fc.assert(
      fc.property(worlds, fc.nat(3), (world, cut) => {
        const size = world.groups["every"]?.length ?? 0
        expect([
          ...choice(world, `every[0:${cut}]`),
          ...choice(world, `every[${cut + 1}:${size}]`),
        ]).toEqual(choice(world, "every"))
      }),
    )
  })

  it("gives nobody twice, and nobody the inventory does not have", () => {
    const term = fc
      .tuple(
        fc.constantFrom("", "&", "!"),
        fc.constantFrom("x", "y", "z", "all", "a", "?", "~[a-c]"),
      )
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(worlds, fc.array(term, { minLength: 1 }), (world, terms) => {
        const hosts = choice(world, terms.join(":"))
        expect(new Set(hosts).size).toBe(hosts.length)
        expect(choice(world, "all")).toEqual(expect.arrayContaining(hosts))
      }),
    )
  })
})

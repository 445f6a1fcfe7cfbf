import { describe, expect, it } from "vitest"
import { selectHosts } from "../../src/cli/limit.ts"
import type { Host } from "../../src/model/fleet.ts"

function host(name: string, ...groups: string[]): Host {
  return {
    name,
    at: { file: "hosts.yml", line: 1, column: 1 },
    connection: { address: name, port: 22, become: false, jump: [] },
    addresses: [],
    groups,
    vars: {},
  }
}

const fleet = [
  host("lb1", "all", "lb"),
  host("lb2", "all", "lb"),
  host("rs1", "all", "web"),
  host("rs10", "all", "web"),
]

function selected(pattern?: string): string[] {
  const result = selectHosts(pattern, fleet)
  return result.ok
    ? [...result.value]
    : result.error.map((problem) => `${problem.message}; ${problem.hint ?? ""}`)
}

describe("selectHosts()", () => {
  it("takes all hosts without a pattern", () => {
    expect(selected()).toEqual(["lb1", "lb2", "rs1", "rs10"])
  })

  it("takes hosts, groups and globs", () => {
    expect(selected("rs1")).toEqual(["rs1"])
    expect(selected("lb,rs1")).toEqual(["lb1", "lb2", "rs1"])
    expect(selected("rs*")).toEqual(["rs1", "rs10"])
  })

  it("leaves out what an exclamation mark names, wherever it stands", () => {
    expect(selected("!lb2,all")).toEqual(["lb1", "rs1", "rs10"])
    expect(selected("!web")).toEqual(["lb1", "lb2"])
  })

  it("takes an empty pattern for a mistake, never for all hosts", () => {
    for (const pattern of ["", " ", ",", " ,: "])
      expect(selected(pattern)).toEqual([
        "--limit is empty; name hosts or groups, or leave --limit out for all hosts",
      ])
  })

  it("lists what there is when nothing is near", () => {
    expect(selected("database")).toEqual([
      "--limit: database matches no host or group; there are: lb1, all, lb, lb2, rs1, web, rs10",
    ])
  })

  it("refuses a pattern that matches nothing, and an empty result", () => {
    expect(selected("rs11")).toEqual(["--limit: rs11 matches no host or group; did you mean rs1?"])
    expect(selected("lb1,!lb")).toEqual([
      "--limit lb1,!lb leaves no host; every chosen host is excluded again",
    ])
  })
})

import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { FilterRule, PacketTest } from "../../src/model/packet-filter.ts"
import { parseNftList } from "../../src/wire/nft-list.ts"

/** What nft 1.0.6 printed of a table with one rule of each kind. */
const text = readFileSync(new URL("./nft-list.json", import.meta.url), "utf8")
const chains = parseNftList(text) ?? []
const rulesOf = (name: string): readonly FilterRule[] =>
  chains.find((chain) => chain.name === name)?.rules ?? []
/** The rules of the chain `input` that have such a test. */
const withTest = (wanted: PacketTest): readonly FilterRule[] =>
  rulesOf("input").filter(({ tests }) =>
    tests.some((test) => JSON.stringify(test) === JSON.stringify(wanted)),
  )
/** The chain of one rule with these statements. */
const single = (...expr: readonly unknown[]): readonly FilterRule[] => {
  const own = { family: "ip", table: "t" }
  const list = [{ chain: { ...own, name: "c" } }, { rule: { ...own, chain: "c", expr } }]
  return parseNftList(JSON.stringify({ nftables: list }))?.[0]?.rules ?? []
}

const [tcp, udp] = [6, 17].map((number) => ({ kind: "protocol" as const, protocols: [number] }))
const accept = { kind: "accept" } as const

describe("what nft -j list ruleset prints", () => {
  it("is chains with their hooks, priorities and policies", () => {
    expect(chains.map(({ table, name, families, base }) => [table, name, families, base])).toEqual([
      [
        "inet filter",
        "input",
        [4, 6],
        { hook: "input", type: "filter", priority: 0, policy: "drop" },
      ],
      ["inet filter", "more", [4, 6], undefined],
      ["inet filter", "last", [4, 6], undefined],
      [
        "inet filter",
        "pre",
        [4, 6],
        { hook: "prerouting", type: "nat", priority: -100, policy: "accept" },
      ],
    ])
  })

  it("makes a rule for each key of a map of verdicts", () => {
    expect(rulesOf("input").slice(0, 3)).toEqual([
      { tests: [{ kind: "state", states: ["invalid"] }], action: { kind: "drop" } },
      { tests: [{ kind: "state", states: ["established"] }], action: accept },
      { tests: [{ kind: "state", states: ["related"] }], action: accept },
    ])
    expect(withTest({ kind: "interface", names: ["eth1"] })[0]?.action).toEqual({
      kind: "jump",
      chain: "more",
    })
  })

  it("tells protocols, addresses, ports, interfaces and states", () => {
    const ip = { kind: "family", families: [4] } as const
    expect(withTest({ kind: "source", networks: ["10.77.0.12"] })).toEqual([
      {
        tests: [
          ip,
          { kind: "protocol", protocols: [112] },
          ip,
          { kind: "source", networks: ["10.77.0.12"] },
        ],
        action: accept,
      },
    ])
    expect(withTest({ kind: "protocol", protocols: [4, 47] })).toHaveLength(1)
    expect(withTest({ kind: "port", ranges: [[8848, 8848]] })).toEqual([
      { tests: [udp, { kind: "port", ranges: [[8848, 8848]] }], action: accept },
    ])
    expect(withTest({ kind: "interface", names: ["eth0", "wg*"] })).toHaveLength(1)
    expect(withTest({ kind: "state", states: ["dnat"] })).toHaveLength(1)
  })

  it("is for TCP what is not for one of its ports", () => {
    const [rule] = withTest({ kind: "port", ranges: [[25, 25]], not: true })
    expect(rule?.tests).toEqual([
      tcp,
      { kind: "port", ranges: [[25, 25]], not: true },
      { kind: "unknown" },
    ])
  })

  it("does not judge sets with a name, ranges of addresses and other comparisons", () => {
    const unknowns = rulesOf("input").filter(({ tests }) =>
      tests.some(({ kind }) => kind === "unknown"),
    )
    expect(unknowns.map(({ tests }) => tests.map(({ kind }) => kind).join(" "))).toEqual([
      "family unknown",
      "family unknown protocol port",
      "protocol unknown",
      "protocol port unknown",
      "protocol unknown",
    ])
    const left = { payload: { protocol: "tcp", field: "dport" } }
    expect(single({ match: { op: ">", left, right: 80 } }, { accept: null })[0]?.tests).toEqual([
      tcp,
      { kind: "unknown" },
    ])
  })

  it("tells what becomes of a packet, and `other` of what it does not know", () => {
    expect(rulesOf("input").map(({ action }) => action.kind)).toContain("clamp")
    expect(rulesOf("input").at(-1)).toEqual({ tests: [], action: { kind: "drop" } })
    expect(rulesOf("last").at(-1)?.action).toEqual({ kind: "return" })
    expect(rulesOf("pre")[0]?.action).toEqual({ kind: "other" })
    expect(single({ queue: { num: 1 } })[0]?.action).toEqual({ kind: "other" })
    expect(single({ counter: null }, { log: null })).toEqual([])
  })

  it("takes matches that iptables wrote for unknown", () => {
    const match = { xt: { type: "match", name: "addrtype" } }
    expect(single(match, { accept: null })).toEqual([
      { tests: [{ kind: "unknown" }], action: accept },
    ])
    const target = (name: string) => single({ xt: { type: "target", name } })[0]?.action.kind
    expect([target("TCPMSS"), target("DNAT"), target("MARK")]).toEqual([
      "clamp",
      "other",
      undefined,
    ])
  })

  it("counts only as a whole, and leaves bridges out", () => {
    expect(parseNftList(text.slice(0, -20))).toBeUndefined()
    expect(parseNftList("[]")).toBeUndefined()
    const bridge = { chain: { family: "bridge", table: "t", name: "c" } }
    expect(parseNftList(JSON.stringify({ nftables: [bridge] }))).toEqual([])
  })
})

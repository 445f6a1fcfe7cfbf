import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { FilterChain, FilterRule } from "../../../src/model/packet-filter.ts"
import { dropperOf, type Packet } from "../../../src/plan/doctor/packet.ts"

const input: FilterChain = {
  tool: "iptables",
  table: "filter",
  name: "INPUT",
  families: [4],
  base: { hook: "input", type: "filter", priority: 0, policy: "drop" },
  rules: [],
}
const named = (name: string, ...rules: readonly FilterRule[]): FilterChain => ({
  tool: "iptables",
  table: "filter",
  name,
  families: [4],
  rules,
})
const packet: Packet = {
  family: 4,
  protocol: 6,
  destination: "192.0.2.10",
  port: 80,
  isFirst: true,
}
const all = { tests: [] } as const
const perhaps = { tests: [{ kind: "unknown" }] } as const
const [accept, drop, back] = [{ kind: "accept" }, { kind: "drop" }, { kind: "return" }] as const

/** Whether INPUT with these rules, which drops what none of them accepts, drops the packet for certain. */
const drops = (rules: readonly FilterRule[], more: readonly FilterChain[] = [], of = packet) =>
  dropperOf([{ ...input, rules }, ...more], of)?.name === "INPUT"
const accepts = (...tests: FilterRule["tests"]): FilterRule => ({ tests, action: accept })

describe("a packet in a packet filter", () => {
  it("falls to the policy of a chain in which no rule is for it", () => {
    expect(drops([])).toBe(true)
    expect(drops([accepts({ kind: "protocol", protocols: [17] })])).toBe(true)
    expect(drops([{ ...all, action: accept }])).toBe(false)
  })

  it("is dropped for certain only when every rule before may not accept it", () => {
    expect(drops([{ ...perhaps, action: accept }])).toBe(false)
    expect(drops([{ ...perhaps, action: back }])).toBe(false)
    expect(drops([{ ...perhaps, action: drop }, accepts()])).toBe(false)
    expect(drops([{ ...perhaps, action: { kind: "other" } }])).toBe(false)
    expect(drops([{ ...perhaps, action: { kind: "pass" } }])).toBe(true)
  })

  it.each([
    [{ kind: "destination", networks: ["192.0.2.0/24"] }, false],
    [{ kind: "destination", networks: ["198.51.100.0/24"] }, true],
    [{ kind: "destination", networks: ["192.0.2.10/255.0.255.255"] }, false],
    [{ kind: "source", networks: ["198.51.100.0/24"] }, false],
    [{ kind: "port", ranges: [[79, 81]] }, false],
    [{ kind: "port", ranges: [[81, 90]] }, true],
    [{ kind: "port", ranges: [[81, 90]], not: true }, false],
    [{ kind: "interface", names: ["lo"] }, true],
    [{ kind: "interface", names: ["eth1"] }, false],
    [{ kind: "family", families: [6] }, true],
    [{ kind: "state", states: ["related", "established"] }, true],
    [{ kind: "state", states: ["new"] }, false],
  ] as const)("is dropped although %j is accepted: %j", (test, isDropped) => {
    expect(drops([accepts(test)])).toBe(isDropped)
  })

  it("is known by its interface where that is given", () => {
    const by = (name: string) => accepts({ kind: "interface", names: [name] })
    const one = { ...packet, interface: "eth0.5" }
    expect([drops([by("eth1")], [], one), drops([by("eth*")], [], one)]).toEqual([true, false])
  })

  it("may be an answer, when one could have been seen", () => {
    const known = accepts({ kind: "state", states: ["established"] })
    expect(drops([known], [], { ...packet, isFirst: false })).toBe(false)
  })

  it("goes through other chains, and comes back", () => {
    const to = (chain: string, kind: "jump" | "goto" = "jump"): FilterRule => ({
      ...all,
      action: { kind, chain },
    })
    expect(drops([to("a")], [named("a", accepts())])).toBe(false)
    expect(drops([to("a")], [named("a", { ...all, action: back }, accepts())])).toBe(true)
    expect(drops([to("a"), accepts()], [named("a")])).toBe(false)
    expect(drops([to("a", "goto"), accepts()], [named("a")])).toBe(true)
    expect(drops([to("unheard-of")])).toBe(false)
    expect(drops([to("a")], [named("a", to("a"))])).toBe(false)
  })

  it("is dropped by whichever chain of the way in drops it", () => {
    const raw = { ...input, table: "raw", name: "PREROUTING" }
    const base = { hook: "prerouting", type: "filter", priority: -300, policy: "drop" } as const
    const open = { ...input, rules: [accepts()] }
    expect(dropperOf([open, { ...raw, base }], packet)?.table).toBe("raw")
    expect(dropperOf([{ ...input, families: [6] }], packet)).toBeUndefined()
    const forward = { ...input, base: { ...base, hook: "forward" } }
    expect(dropperOf([forward], packet)).toBeUndefined()
  })

  it("may be another once its address is translated", () => {
    const nat = (port: number): FilterChain => ({
      ...input,
      table: "nat",
      name: "PREROUTING",
      base: { hook: "prerouting", type: "nat", priority: -100, policy: "accept" },
      rules: [{ tests: [{ kind: "port", ranges: [[port, port]] }], action: { kind: "other" } }],
    })
    expect(dropperOf([nat(80), input], packet)).toBeUndefined()
    expect(dropperOf([nat(81), input], packet)).toBe(input)
  })

  it("is IPVS's before a chain that comes late", () => {
    const late = { hook: "input", type: "filter", priority: 200, policy: "drop" } as const
    expect(dropperOf([{ ...input, base: late }], packet)).toBeUndefined()
  })

  it("is never dropped for certain behind a rule that may accept all", () => {
    const action = fc.constantFrom(accept, drop, back, { kind: "other" } as const)
    const test = fc.constantFrom<FilterRule["tests"][number]>(
      { kind: "unknown" },
      { kind: "protocol", protocols: [6] },
      { kind: "protocol", protocols: [17], not: true },
      { kind: "port", ranges: [[22, 22]] },
    )
    const rule = fc.record({ tests: fc.array(test, { maxLength: 2 }), action })
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
        expect(drops([{ ...perhaps, action: accept }, ...rules])).toBe(false)
      }),
    )
  })
})

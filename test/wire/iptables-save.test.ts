import { describe, expect, it } from "vitest"
import { parseIptablesSave } from "../../src/wire/iptables-save.ts"

const read = (...lines: readonly string[]) => parseIptablesSave("iptables", lines)
/** The only rule of a chain. */
const rule = (words: string) =>
  read("*filter", ":INPUT ACCEPT [0:0]", `-A INPUT ${words}`, "COMMIT")?.[0]?.rules[0]

describe("what iptables-save prints", () => {
  it("is chains of tables, with rules and policies", () => {
    const chains = read(
      "*mangle",
      ":PREROUTING ACCEPT [1:2]",
      "COMMIT",
      "*filter",
      ":INPUT DROP [0:0]",
      ":mine - [0:0]",
      "-A INPUT -j mine",
      "-A mine -j RETURN",
      "COMMIT",
    )
    const common = { tool: "iptables", families: [4] }
    expect(chains).toEqual([
      {
        ...common,
        table: "mangle",
        name: "PREROUTING",
        base: { hook: "prerouting", type: "filter", priority: -150, policy: "accept" },
        rules: [],
      },
      {
        ...common,
        table: "filter",
        name: "INPUT",
        base: { hook: "input", type: "filter", priority: 0, policy: "drop" },
        rules: [{ tests: [], action: { kind: "jump", chain: "mine" } }],
      },
      {
        ...common,
        table: "filter",
        name: "mine",
        rules: [{ tests: [], action: { kind: "return" } }],
      },
    ])
  })

  it("counts only as a whole", () => {
    expect(read("*filter", ":INPUT DROP [0:0]", "-A INPUT -p tcp")).toBeUndefined()
    expect(read()).toEqual([])
  })

  it("tells what a rule asks for", () => {
    const words =
      '-s 10.0.0.0/8 -d 192.0.2.1/32 -i eth+ -p tcp -m tcp --dport 80:81 -m comment --comment "the -j \\"web\\"" -j ACCEPT'
    expect(rule(words)).toEqual({
      tests: [
        { kind: "source", networks: ["10.0.0.0/8"] },
        { kind: "destination", networks: ["192.0.2.1/32"] },
        { kind: "interface", names: ["eth*"] },
        { kind: "protocol", protocols: [6] },
        { kind: "port", ranges: [[80, 81]] },
      ],
      action: { kind: "accept" },
    })
  })

  it("tells several ports, states, and what is denied", () => {
    expect(rule("! -p vrrp -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP")?.tests).toEqual([
      { kind: "protocol", protocols: [112], not: true },
      { kind: "state", states: ["related", "established"], not: true },
    ])
    expect(rule("-p udp -m multiport --dports 53,8848:8850 -j DROP")?.tests[1]).toEqual({
      kind: "port",
      ranges: [
        [53, 53],
        [8848, 8850],
      ],
    })
  })

  it("knows that it does not know other matches", () => {
    const unknown = { kind: "unknown" }
    expect(rule("-m addrtype --dst-type LOCAL -j ACCEPT")?.tests).toEqual([unknown, unknown])
    expect(rule("-p tcp -m tcp --tcp-flags SYN,RST SYN -j ACCEPT")?.tests).toEqual([
      { kind: "protocol", protocols: [6] },
      unknown,
    ])
    expect(rule("-p frobnicate -j ACCEPT")?.tests).toEqual([unknown])
  })

  it.each([
    ["-j REJECT --reject-with icmp-port-unreachable", { kind: "drop" }],
    ["-j LOG --log-prefix x", { kind: "pass" }],
    ["-g mine", { kind: "goto", chain: "mine" }],
    ["-j TCPMSS --set-mss 1400", { kind: "clamp" }],
    ["-m comment --comment x", { kind: "pass" }],
  ])("tells what becomes of a packet by %s", (words, action) => {
    expect(rule(words)).toEqual({ tests: [], action })
  })
})

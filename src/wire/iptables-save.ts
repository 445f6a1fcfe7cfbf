import type { FilterAction, FilterChain, FilterRule, PacketTest } from "../model/packet-filter.ts"
import { protocolNumber } from "./ip-protocols.ts"

/** Priorities of the tables' chains (include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities); nat's of prerouting. */
const priorities: ReadonlyMap<string, number> = new Map([
  ["raw", -300],
  ["mangle", -150],
  ["nat", -100],
  ["filter", 0],
  ["security", 50],
])

/** Matches that say nothing besides the options that `testOf` knows. */
const plainMatches = ["tcp", "udp", "sctp", "multiport", "conntrack", "state", "comment"]

/** Targets after which the next rule is asked. */
const passing =
  "AUDIT CHECKSUM CLASSIFY CONNMARK CONNSECMARK CT DSCP HL LED LOG MARK NFLOG NOTRACK RATEEST SECMARK SET TOS TRACE TTL ULOG"

/**
 * The chains that iptables-save(8) printed; undefined when its words were cut off. What a rule asks for that lbctl does not know
 * is `unknown`, and so is what a target does.
 */
export function parseIptablesSave(
  tool: "iptables" | "ip6tables",
  lines: readonly string[],
): FilterChain[] | undefined {
  if (lines.length > 0 && lines.at(-1) !== "COMMIT") return undefined
  const chains: FilterChain[] = []
  const rulesOf = new Map<string, FilterRule[]>()
  let table = ""
  for (const line of lines) {
    if (line.startsWith("*")) table = line.slice(1)
    const [name, policy] = line.startsWith(":") ? line.slice(1).split(" ") : []
    if (name !== undefined) {
      const rules: FilterRule[] = []
      rulesOf.set(`${table} ${name}`, rules)
      chains.push(chainOf(tool, table, name, policy, rules))
    }
    if (!line.startsWith("-A ")) continue
    const [, own = "", ...words] = wordsOf(line)
    rulesOf.get(`${table} ${own}`)?.push(ruleOf(words))
  }
  return chains
}

function chainOf(
  tool: "iptables" | "ip6tables",
  table: string,
  name: string,
  policy: string | undefined,
  rules: readonly FilterRule[],
): FilterChain {
  const chain = { tool, table, name, families: [tool === "iptables" ? 4 : 6], rules } as const
  if (policy === undefined || policy === "-") return chain
  return {
    ...chain,
    base: {
      hook: name.toLowerCase(),
      type: table === "nat" ? "nat" : "filter",
      priority: priorities.get(table) ?? 0,
      policy: policy === "DROP" ? "drop" : "accept",
    },
  }
}

/** Words between blanks; a word in quotes may hold blanks, and a backslash before a quote. */
function wordsOf(line: string): string[] {
  return (line.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? []).map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, "$1") : word,
  )
}

/** The target comes last, with options of its own behind it. */
function ruleOf(words: readonly string[]): FilterRule {
  const at = words.findIndex((word) => word === "-j" || word === "-g")
  if (at < 0) return { tests: testsOf(words), action: { kind: "pass" } }
  const action = actionOf(words[at + 1] ?? "", words[at] === "-g")
  return { tests: testsOf(words.slice(0, at)), action }
}

function actionOf(target: string, goes: boolean): FilterAction {
  if (goes) return { kind: "goto", chain: target }
  if (target === "ACCEPT") return { kind: "accept" }
  if (target === "DROP" || target === "REJECT") return { kind: "drop" }
  if (target === "RETURN") return { kind: "return" }
  if (target === "TCPMSS") return { kind: "clamp" }
  if (passing.split(" ").includes(target)) return { kind: "pass" }
  // A chain of the table, or a target that lbctl does not know, which is a chain that is not there.
  return { kind: "jump", chain: target }
}

function testsOf(words: readonly string[]): PacketTest[] {
  const tests: PacketTest[] = []
  for (let at = 0; at < words.length; at++) {
    const not = words[at] === "!"
    if (not) at++
    const [option = "", value = ""] = words.slice(at, at + 2)
    const test = testOf(option, value)
    if (test !== undefined) tests.push(not ? { ...test, not } : test)
    while (at + 1 < words.length && !/^(-|!$)/.test(words[at + 1] ?? "")) at++
  }
  return tests
}

/** Undefined for what asks for nothing. */
function testOf(option: string, value: string): PacketTest | undefined {
  switch (option) {
    case "-m":
      return plainMatches.includes(value) ? undefined : { kind: "unknown" }
    case "--comment":
      return undefined
    case "-p":
      return protocolTest(value)
    case "-s":
      return { kind: "source", networks: [value] }
    case "-d":
      return { kind: "destination", networks: [value] }
    case "-i":
      return { kind: "interface", names: [value.replace(/\+$/, "*")] }
    case "--dport":
    case "--dports":
      return { kind: "port", ranges: value.split(",").map(rangeOf) }
    case "--state":
    case "--ctstate":
      return { kind: "state", states: value.toLowerCase().split(",") }
    default:
      return { kind: "unknown" }
  }
}

function protocolTest(value: string): PacketTest {
  const number = protocolNumber(value)
  return number === undefined ? { kind: "unknown" } : { kind: "protocol", protocols: [number] }
}

function rangeOf(text: string): [number, number] {
  const [first = "", last = first] = text.split(":")
  return [Number(first), Number(last)]
}

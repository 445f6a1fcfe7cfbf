import type { FilterAction, FilterChain, FilterRule, PacketTest } from "../model/packet-filter.ts"
import { fieldsOf, matchTests, testsOf, textOf } from "./nft-match.ts"

type Fields = ReadonlyMap<string, unknown>

/** Families of tables that IP packets to a host come by. */
const families: ReadonlyMap<string, readonly (4 | 6)[]> = new Map([
  ["ip", [4]],
  ["ip6", [6]],
  ["inet", [4, 6]],
])

/**
 * The chains that `nft -j list ruleset` printed (libnftables-json(5)); undefined when it is not that. What a rule asks for that
 * lbctl does not know is `unknown`, and what it does is `other`.
 */
export function parseNftList(text: string): FilterChain[] | undefined {
  const list = listIn(text)
  if (list === undefined) return undefined
  const rules = new Map<string, FilterRule[]>()
  for (const rule of list.flatMap((entry) => entry.get("rule") ?? [])) {
    const fields = fieldsOf(rule)
    const name = `${tableOf(fields)} ${textOf(fields, "chain")}`
    rules.set(name, [...(rules.get(name) ?? []), ...rulesOf(fields.get("expr"))])
  }
  return list.flatMap((entry) => {
    const fields = fieldsOf(entry.get("chain"))
    const own = families.get(textOf(fields, "family"))
    if (own === undefined) return []
    const [table, name] = [tableOf(fields), textOf(fields, "name")]
    const chain = { tool: "nft", table, name, families: own } as const
    return [{ ...chain, ...baseOf(fields), rules: rules.get(`${table} ${name}`) ?? [] }]
  })
}

function listIn(text: string): Fields[] | undefined {
  try {
    const list = fieldsOf(JSON.parse(text)).get("nftables")
    return Array.isArray(list) ? list.map(fieldsOf) : undefined
  } catch {
    return undefined
  }
}

function tableOf(fields: Fields): string {
  return `${textOf(fields, "family")} ${textOf(fields, "table")}`
}

function baseOf(fields: Fields): Pick<FilterChain, "base"> {
  const [hook, priority] = [textOf(fields, "hook"), fields.get("prio")]
  if (hook === "") return {}
  return {
    base: {
      hook,
      type: textOf(fields, "type"),
      priority: typeof priority === "number" ? priority : 0,
      policy: textOf(fields, "policy") === "drop" ? "drop" : "accept",
    },
  }
}

/** A rule with a map of verdicts is one rule for each of its keys. */
function rulesOf(statements: unknown): FilterRule[] {
  const tests: PacketTest[] = []
  const rules: FilterRule[] = []
  for (const statement of Array.isArray(statements) ? statements : []) {
    const [[name, value] = ["", undefined]] = [...fieldsOf(statement)]
    if (name === "match") tests.push(...matchTests(fieldsOf(value)))
    else if (name === "limit" || name === "quota") tests.push({ kind: "unknown" })
    else if (name === "vmap") rules.push(...mapRules(tests, fieldsOf(value)))
    else if (name === "xt") rules.push(...legacyRule(tests, fieldsOf(value)))
    else rules.push({ tests: [...tests], action: actionOf(name, value) })
  }
  return rules.filter(({ action }) => action.kind !== "pass")
}

function mapRules(tests: readonly PacketTest[], map: Fields): FilterRule[] {
  const set = fieldsOf(map.get("data")).get("set")
  if (!Array.isArray(set)) return [{ tests: [...tests], action: { kind: "other" } }]
  return set.map((pair: unknown) => {
    const [key, verdict]: readonly unknown[] = Array.isArray(pair) ? pair : []
    const [[name, value] = ["", undefined]] = [...fieldsOf(verdict)]
    return { tests: [...tests, ...testsOf(map.get("key"), key)], action: actionOf(name, value) }
  })
}

/** A match or target of iptables's, in a table that iptables wrote. Its matches come first, and are unknown from then on. */
function legacyRule(tests: PacketTest[], xt: Fields): FilterRule[] {
  if (textOf(xt, "type") === "match") {
    tests.push({ kind: "unknown" })
    return []
  }
  const name = textOf(xt, "name")
  const kind = name === "TCPMSS" ? "clamp" : passingTargets.includes(name) ? "pass" : "other"
  return [{ tests: [...tests], action: { kind } }]
}

const passingTargets = ["CT", "LOG", "MARK", "CONNMARK", "NFLOG", "TRACE"]
const passingStatements = [
  "counter",
  "log",
  "notrack",
  "ct helper",
  "ct timeout",
  "set",
  "map",
  "meter",
  "dup",
  "last",
]

function actionOf(name: string, value: unknown): FilterAction {
  const fields = fieldsOf(value)
  switch (name) {
    case "accept":
    case "drop":
    case "return":
      return { kind: name }
    case "reject":
      return { kind: "drop" }
    case "jump":
    case "goto":
      return { kind: name, chain: textOf(fields, "target") }
    case "mangle":
      return { kind: fieldsOf(fields.get("key")).has("tcp option") ? "clamp" : "pass" }
    default:
      return { kind: passingStatements.includes(name) ? "pass" : "other" }
  }
}

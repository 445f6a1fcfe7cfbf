import { canonicalAddress, family } from "../../core/address.ts"
import type { Protocol } from "../../model/ipvs.ts"
import { lastPort, matchName, type MarkRule } from "../../model/mark-rules.ts"

/** The chain of the table mangle that holds lbctl's marking rules, and nothing else. */
export const markChain = "LBCTL-MARK"
/** Where packets come by it: before IPVS, which takes them on their way in (ipvsadm(8) marks there too). */
const jump = `-A PREROUTING -j ${markChain}`

/** What the table mangle of one address family tells of lbctl's chain. */
export interface MarkChain {
  readonly exists: boolean
  /** How often packets come by it. */
  readonly jumps: number
  readonly rules: readonly MarkRule[]
  /** Rules in it that are none of lbctl's. */
  readonly strange: number
}

/** How iptables-save(8) prints a rule of ours (extensions libxt_tcp, libxt_MARK), the legacy and the nft variant alike. */
const rulePattern = new RegExp(
  `^-A ${markChain} -d ([0-9a-f.:]+)/(?:32|128) -p (tcp|udp|sctp)` +
    `(?: -m \\2 --dport (\\d+)(?::(\\d+))?)? -j MARK --set-xmark 0x([0-9a-f]+)/0xffffffff$`,
)

/** lbctl's chain from what iptables-save(8) or ip6tables-save(8) prints of the table mangle. */
export function parseMarkChain(saved: string): MarkChain {
  const lines = saved.split("\n").map((line) => line.trim())
  const own = lines.filter((line) => line.startsWith(`-A ${markChain} `))
  const rules = own.flatMap((line) => parseRule(line) ?? [])
  return {
    exists: lines.some((line) => line.startsWith(`:${markChain} `)),
    jumps: lines.filter((line) => line === jump).length,
    rules,
    strange: own.length - rules.length,
  }
}

/** Whether a chain holds exactly these rules, and packets come by it once; without rules there is no chain. */
export function holds(chain: MarkChain, wanted: readonly MarkRule[]): boolean {
  if (wanted.length === 0) return !chain.exists && chain.jumps === 0
  const held = new Set(chain.rules.map(ruleName))
  return (
    chain.jumps === 1 &&
    chain.strange === 0 &&
    held.size === wanted.length &&
    chain.rules.length === wanted.length &&
    wanted.every((rule) => held.has(ruleName(rule)))
  )
}

/**
 * The input of `iptables-restore --noflush` (ip6tables-restore) that makes a chain hold these rules: one transaction, so
 * that no packet goes by unmarked that shall be marked before and after. Undefined: it holds them. Rules and chains of
 * others are not touched; naming a chain that is there empties it (iptables-restore(8)).
 */
export function markScript(chain: MarkChain, wanted: readonly MarkRule[]): string | undefined {
  if (holds(chain, wanted)) return undefined
  const superfluous = wanted.length === 0 ? chain.jumps : chain.jumps - 1
  const lines = [
    ...Array.from({ length: Math.max(0, superfluous) }, () => jump.replace("-A", "-D")),
    ...(wanted.length === 0 ? removal(chain) : [`:${markChain} - [0:0]`, ...wanted.map(ruleLine)]),
    ...(wanted.length > 0 && chain.jumps === 0 ? [jump] : []),
  ]
  return ["*mangle", ...lines, "COMMIT", ""].join("\n")
}

/** One name for a marking rule. */
export function ruleName(rule: MarkRule): string {
  return `${rule.fwmark} ${matchName(rule)}`
}

function removal({ exists }: MarkChain): string[] {
  return exists ? [`-F ${markChain}`, `-X ${markChain}`] : []
}

function ruleLine({ address, protocol, first, last, fwmark }: MarkRule): string {
  const all = first === 0 && last === lastPort
  const ports = first === last ? `${first}` : `${first}:${last}`
  return [
    `-A ${markChain} -d ${address}/${family(address) === 6 ? 128 : 32} -p ${protocol}`,
    ...(all ? [] : [`-m ${protocol} --dport ${ports}`]),
    `-j MARK --set-xmark 0x${fwmark.toString(16)}/0xffffffff`,
  ].join(" ")
}

function parseRule(line: string): MarkRule | undefined {
  const [, address, protocol, from, to, mark] = rulePattern.exec(line) ?? []
  if (address === undefined || mark === undefined || family(address) === undefined) return undefined
  const first = Number(from ?? 0)
  return {
    fwmark: Number.parseInt(mark, 16),
    address: canonicalAddress(address),
    // The pattern lets no other word pass.
    protocol: protocol as Protocol,
    first,
    last: from === undefined ? lastPort : Number(to ?? first),
  }
}

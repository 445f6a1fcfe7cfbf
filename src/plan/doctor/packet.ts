import { contains } from "../../core/address.ts"
import type { Examination } from "../../model/doctor.ts"
import type {
  FilterAction,
  FilterChain,
  FilterRule,
  PacketTest,
} from "../../model/packet-filter.ts"

/** A packet that shall come in; what is undefined may be anything. */
export interface Packet {
  readonly family: 4 | 6
  /** Number of the IP protocol. */
  readonly protocol: number
  readonly source?: string
  readonly destination?: string
  readonly interface?: string
  readonly port?: number
  /** No answer to it can have been seen, so that connection tracking takes it for new. */
  readonly isFirst: boolean
}

/** `unclear`: what lbctl does not judge decides. */
type Outcome = "accept" | "drop" | "pass" | "unclear"
type Answer = "yes" | "no" | "maybe"

/** IPVS takes packets for a VIP before chains of such a priority are asked (NF_IP_PRI_NAT_SRC - 2 and - 1, ip_vs_core.c). */
const lastPriority = 90

/**
 * The chain that for certain drops a packet that comes in to a host's own programs or to IPVS; undefined when none does, or
 * when that hangs on something lbctl does not judge: another match, a translation of addresses, a target that it does not know.
 */
export function dropperOf(chains: readonly FilterChain[], packet: Packet): FilterChain | undefined {
  const asked = chains.filter(({ families }) => families.includes(packet.family))
  const bases = asked.flatMap((chain) => {
    const { base } = chain
    return base === undefined || !["prerouting", "input"].includes(base.hook)
      ? []
      : [{ chain, base, outcome: outcomeOf(chain, asked, packet) }]
  })
  const early = bases.filter(({ base }) => base.hook === "prerouting")
  if (early.some(({ outcome }) => outcome === "unclear")) return undefined
  return bases.find(
    ({ base, outcome }) =>
      outcome === "drop" && base.type !== "nat" && base.priority <= lastPriority,
  )?.chain
}

/** Whether a rule asks TCP peers for smaller segments; unread filters may hold one. */
export function clampsSegments({ filter }: Pick<Examination, "filter">, version: 4 | 6): boolean {
  return (
    filter === undefined ||
    filter.some(
      ({ families, rules }) =>
        families.includes(version) && rules.some(({ action }) => action.kind === "clamp"),
    )
  )
}

/** Deeper than this no kernel jumps (NFT_JUMP_STACK_SIZE, include/net/netfilter/nf_tables.h). */
const deepest = 16

function outcomeOf(
  chain: FilterChain,
  chains: readonly FilterChain[],
  packet: Packet,
  depth = 0,
): Outcome {
  let isUnclear = false
  for (const rule of chain.rules) {
    const answer = answerOf(rule, packet)
    if (answer === "no") continue
    const { action } = rule
    const outcome = effectOf(action, chain, chains, packet, depth)
    const ends = outcome !== "pass" || action.kind === "return" || action.kind === "goto"
    if (!ends) continue
    // A rule that drops only perhaps takes nothing from the certainty that a later one drops.
    if (answer === "maybe") isUnclear ||= outcome !== "drop"
    else if (outcome === "unclear") isUnclear = true
    else if (outcome === "pass") return isUnclear ? "unclear" : endOf(chain)
    else return isUnclear ? "unclear" : outcome
  }
  return isUnclear ? "unclear" : endOf(chain)
}

function endOf({ base }: FilterChain): Outcome {
  return base?.policy === "drop" ? "drop" : "pass"
}

function effectOf(
  action: FilterAction,
  { tool, table }: FilterChain,
  chains: readonly FilterChain[],
  packet: Packet,
  depth: number,
): Outcome {
  switch (action.kind) {
    case "accept":
    case "drop":
      return action.kind
    case "return":
    case "pass":
    case "clamp":
      return "pass"
    case "other":
      return "unclear"
    case "jump":
    case "goto": {
      const target = chains.find(
        (one) => one.tool === tool && one.table === table && one.name === action.chain,
      )
      return target === undefined || depth >= deepest
        ? "unclear"
        : outcomeOf(target, chains, packet, depth + 1)
    }
  }
}

function answerOf({ tests }: FilterRule, packet: Packet): Answer {
  const answers = tests.map((test) => turned(test, answerTo(test, packet)))
  if (answers.includes("no")) return "no"
  return answers.includes("maybe") ? "maybe" : "yes"
}

function turned({ not }: PacketTest, answer: Answer): Answer {
  if (not !== true || answer === "maybe") return answer
  return answer === "yes" ? "no" : "yes"
}

function answerTo(test: PacketTest, packet: Packet): Answer {
  switch (test.kind) {
    case "family":
      return certain(test.families.includes(packet.family))
    case "protocol":
      return certain(test.protocols.includes(packet.protocol))
    case "source":
      return inOneOf(test.networks, packet.source)
    case "destination":
      return inOneOf(test.networks, packet.destination)
    case "interface":
      return byOneOf(test.names, packet.interface)
    case "port": {
      const { port } = packet
      if (port === undefined) return "maybe"
      return certain(test.ranges.some(([first, last]) => first <= port && port <= last))
    }
    case "state":
      return packet.isFirst && test.states.every((state) => laterStates.includes(state))
        ? "no"
        : "maybe"
    case "unknown":
      return "maybe"
  }
}

/** What the first packet of a connection, whose addresses nobody translates, never is. */
const laterStates = ["established", "related", "invalid", "dnat", "snat"]

function certain(is: boolean): Answer {
  return is ? "yes" : "no"
}

function inOneOf(networks: readonly string[], address: string | undefined): Answer {
  if (address === undefined) return "maybe"
  const answers = networks.map((network): Answer => {
    const [base = "", length = address.includes(":") ? "128" : "32"] = network.split("/")
    return /^\d+$/.test(length) ? certain(contains(base, Number(length), address)) : "maybe"
  })
  if (answers.includes("yes")) return "yes"
  return answers.includes("maybe") ? "maybe" : "no"
}

/** Nothing that is meant for the host's services comes in by the loopback. */
function byOneOf(names: readonly string[], device: string | undefined): Answer {
  if (device === undefined) return names.every((name) => name === "lo") ? "no" : "maybe"
  return certain(
    names.some((name) =>
      name.endsWith("*") ? device.startsWith(name.slice(0, -1)) : name === device,
    ),
  )
}

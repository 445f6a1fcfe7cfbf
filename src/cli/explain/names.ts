import type { SourceRef } from "../../core/problem.ts"
import type { Fleet } from "../../model/fleet.ts"
import type { RuleContext } from "../../validate/context.ts"
import type { Fact } from "./fact.ts"

/** A word that stands for something of the definition wherever it is met. */
interface KnownName {
  readonly word: string
  readonly what: string
  readonly at: SourceRef
}

/** What a line of a file names: VIPs, services, clusters, hosts and their addresses. */
export function factsNamed(
  line: string,
  context: RuleContext,
): Required<Pick<Fact, "what" | "at">>[] {
  const words = new Set(wordsOf(line))
  return knownNames(context.fleet, context)
    .filter(({ word }) => words.has(word))
    .map(({ what, at }) => ({ what, at }))
}

function knownNames(fleet: Fleet, context: RuleContext): KnownName[] {
  return [
    ...fleet.services.flatMap((service) => [
      { word: service.name, what: `service ${service.name}`, at: service.at },
      ...service.vips.map((vip) => ({
        word: vip,
        what: `${vip}, a VIP of ${service.name}`,
        at: context.vipPlace(service, vip),
      })),
    ]),
    ...fleet.clusters.map((cluster) => ({
      word: cluster.name,
      what: `cluster ${cluster.name}`,
      at: cluster.at,
    })),
    ...fleet.hosts.flatMap(({ name, addresses, at }) => [
      { word: name, what: `host ${name}`, at },
      ...addresses.map((address) => ({ word: address, what: `${address}, ${name}`, at })),
    ]),
  ]
}

/** Names and addresses; of an address with a port or a prefix length the address. */
function wordsOf(line: string): string[] {
  const found = line.match(/[A-Za-z0-9_.:-]+/g) ?? []
  return found.flatMap((word) => [word, word.replace(/:\d+$/, ""), word.replace(/\.$/, "")])
}

import type { Segment, OtherAdvert } from "../model/doctor.ts"

/** Who answered ARP or neighbour discovery for an address; MACs in lower case. */
export type NeighbourAnswer = Segment["answers"][number]

/** What `lbagent arp` printed; undefined for anything else. */
export function parseNeighbours(text: string): readonly NeighbourAnswer[] | undefined {
  return parseList(text, isAnswer)?.map(({ address, macs }) => ({
    address,
    macs: macs.map((mac) => mac.toLowerCase()),
  }))
}

/** What `lbagent adverts` printed; undefined for anything else. */
export function parseAdverts(text: string): readonly OtherAdvert[] | undefined {
  return parseList(text, isAdvert)
}

function parseList<T>(
  text: string,
  isItem: (value: unknown) => value is T,
): readonly T[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isItem) ? value : undefined
  } catch {
    return undefined
  }
}

function isAnswer(value: unknown): value is NeighbourAnswer {
  return (
    typeof value === "object" &&
    value !== null &&
    "address" in value &&
    typeof value.address === "string" &&
    "macs" in value &&
    Array.isArray(value.macs) &&
    value.macs.every((mac) => typeof mac === "string")
  )
}

function isAdvert(value: unknown): value is OtherAdvert {
  return (
    typeof value === "object" &&
    value !== null &&
    "source" in value &&
    typeof value.source === "string" &&
    "virtualRouterId" in value &&
    typeof value.virtualRouterId === "number" &&
    "priority" in value &&
    typeof value.priority === "number"
  )
}

/** Who answered ARP or neighbour discovery for an address. */
export interface NeighbourAnswer {
  readonly address: string
  /** Lower case. */
  readonly macs: readonly string[]
}

/** What `lbagent arp` printed; undefined for anything else. */
export function parseNeighbours(text: string): readonly NeighbourAnswer[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value) || !value.every(isAnswer)) return undefined
    return value.map(({ address, macs }) => ({
      address,
      macs: macs.map((mac) => mac.toLowerCase()),
    }))
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

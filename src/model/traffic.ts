/** What passed, or what passes in a second; `in` is from clients. With dr and tun the answers pass by the director: `out` is 0. */
export interface Traffic {
  readonly connections: number
  readonly inPackets: number
  readonly outPackets: number
  readonly inBytes: number
  readonly outBytes: number
}

const names = ["connections", "inPackets", "outPackets", "inBytes", "outBytes"] as const

/** Nothing at all. */
export const noTraffic: Traffic = {
  connections: 0,
  inPackets: 0,
  outPackets: 0,
  inBytes: 0,
  outBytes: 0,
}

/** All of it together. */
export function sumTraffic(parts: readonly Traffic[]): Traffic {
  const sum = { ...noTraffic }
  for (const part of parts) for (const name of names) sum[name] += part[name]
  return sum
}

import { family } from "../core/address.ts"
import { compareText } from "../core/text.ts"
import type { VirtualService } from "../model/fleet.ts"
import { lastPort, type MarkMatch } from "../model/mark-rules.ts"

type Port = VirtualService["ports"][number]
type PortRange = Omit<MarkMatch, "address">

/** What of a service's VIPs of one family is to be marked: its ports, neighbours as one range. */
export function markMatches(
  { vips, ports }: Pick<VirtualService, "vips" | "ports">,
  version: 4 | 6,
): MarkMatch[] {
  const ranges = portRanges(ports)
  return vips
    .filter((vip) => family(vip) === version)
    .flatMap((address) => ranges.map((range) => ({ address, ...range })))
}

/** The ports of a service from what is marked for it: the reverse of `markMatches`. */
export function markedPorts(matches: readonly MarkMatch[]): Port[] {
  const [vip] = matches
  return matches
    .filter(({ address }) => address === vip?.address)
    .flatMap(({ protocol, first, last }) =>
      first === 0
        ? [{ port: 0, protocol }]
        : Array.from({ length: last - first + 1 }, (_, offset) => ({
            port: first + offset,
            protocol,
          })),
    )
    .sort((a, b) => a.port - b.port || compareText(a.protocol, b.protocol))
}

/** By protocol, then number. Port 0 is all of a protocol's ports, and takes in the others. */
function portRanges(ports: readonly Port[]): PortRange[] {
  const ranges: PortRange[] = []
  const sorted = [...ports].sort((a, b) => compareText(a.protocol, b.protocol) || a.port - b.port)
  for (const { port, protocol } of sorted) {
    const before = ranges.at(-1)
    if (before?.protocol === protocol && before.last === lastPort) continue
    if (before?.protocol === protocol && before.last === port - 1)
      ranges.splice(-1, 1, { ...before, last: port })
    else ranges.push({ protocol, first: port, last: port === 0 ? lastPort : port })
  }
  return ranges
}

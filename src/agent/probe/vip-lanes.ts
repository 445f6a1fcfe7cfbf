import { family } from "../../core/address.ts"
import { toFailure } from "../../core/failure.ts"
import type { Tunnel } from "../../model/ipvs.ts"
import type { VipAnswer, VipQuestion } from "../../model/vip-probe.ts"
import { addressToAskFrom, interfaceTowards, type OwnAddress } from "../decide/own-address.ts"
import { probeNeighbours } from "../kernel/arp-probe.ts"
import * as libc from "../kernel/libc.ts"
import { openPacketSocket } from "../kernel/packet-socket.ts"
import { openTunnelSocket } from "../kernel/tunnel-socket.ts"
import { ethernetFrame, etherTypes } from "../protocol/ethernet.ts"
import { encapsulate, tunnelProtocol } from "../protocol/tunnel.ts"

const neighbourMs = 1000

/** A way for packets to the VIP onto one real server, past IPVS and routing. */
export interface Lane {
  /** The director's own address that packets come from. */
  readonly source: string
  /** Bytes sent, or a negated errno. */
  send(packet: Uint8Array): number
  close(): void
}

/** Opens the ways of questions, in their order; or the answer of one that has none. Never throws. */
export async function openLanes(
  interfaceName: string,
  questions: readonly VipQuestion[],
  held: readonly OwnAddress[],
): Promise<(Lane | VipAnswer)[]> {
  const floating = new Set(questions.map(({ vip }) => vip))
  const from = (device: string, address: string): string | undefined =>
    addressToAskFrom(held, device, family(address) ?? 4, floating)
  const macs = await findServers(questions, held, from)
  return questions.map((question) => {
    const { vip, server, tunnel } = question
    const device = interfaceTowards(held, server)
    const source = from(device ?? interfaceName, vip)
    if (source === undefined) return unsent(`no own address of IPv${family(vip) ?? 4} to ask from`)
    try {
      if (tunnel === undefined) {
        const found = macs.get(server)
        if (device === undefined) return unsent(`${server} is in none of the director's networks`)
        if (typeof found !== "string") return found ?? { outcome: "absent" }
        return linkLane(device, found, source)
      }
      const outer = from(device ?? interfaceName, server)
      if (outer === undefined) return unsent(`no own address towards ${server}`)
      return tunnelLane(tunnel, source, { source: outer, destination: server })
    } catch (thrown) {
      return unsent(toFailure(thrown).message)
    }
  })
}

/** Whose MAC address each real server of `dr` has; or why that is not known. */
async function findServers(
  questions: readonly VipQuestion[],
  held: readonly OwnAddress[],
  from: (device: string, address: string) => string | undefined,
): Promise<Map<string, string | VipAnswer>> {
  const servers = new Set(
    questions.filter(({ tunnel }) => tunnel === undefined).map(({ server }) => server),
  )
  const groups = new Map<string, string[]>()
  for (const server of servers) {
    const key = `${interfaceTowards(held, server) ?? ""} ${family(server) ?? 4}`
    groups.set(key, [...(groups.get(key) ?? []), server])
  }
  const found = [...groups].map(
    async ([key, members]): Promise<(readonly [string, string | VipAnswer])[]> => {
      const [device = ""] = key.split(" ")
      if (device === "") return []
      const [first = ""] = members
      const source = from(device, first)
      try {
        const answers = await probeNeighbours(device, members, {
          timeoutMs: neighbourMs,
          ...(source === undefined ? {} : { source }),
        })
        return answers.flatMap(({ macs: [mac] }, index) =>
          mac === undefined ? [] : [[members[index] ?? "", mac] as const],
        )
      } catch (thrown) {
        const answer = unsent(toFailure(thrown).message)
        return members.map((server) => [server, answer] as const)
      }
    },
  )
  return new Map((await Promise.all(found)).flat())
}

function linkLane(device: string, mac: string, source: string): Lane {
  const socket = openPacketSocket(device, 0)
  const etherType = family(source) === 6 ? etherTypes.ipv6 : etherTypes.ipv4
  return {
    source,
    send: (packet) => libc.sendto(socket.fd, ethernetFrame(mac, socket.mac, etherType, packet), 0),
    close: () => socket.close(),
  }
}

function tunnelLane(
  tunnel: Tunnel,
  source: string,
  ends: { readonly source: string; readonly destination: string },
): Lane {
  const inner = family(source) ?? 4
  const socket = openTunnelSocket(tunnelProtocol(tunnel, inner), ends.source, ends.destination)
  return {
    source,
    send: (packet) => socket.send(encapsulate(tunnel, packet, inner, ends).bytes),
    close: () => socket.close(),
  }
}

function unsent(words: string): VipAnswer {
  return { outcome: "unsent", words }
}

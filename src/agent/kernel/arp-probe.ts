import { setTimeout as sleep } from "node:timers/promises"
import { canonicalAddress, family } from "../../core/address.ts"
import { Failure } from "../../core/failure.ts"
import { arpRequest, noAddress, parseArp } from "../protocol/arp.ts"
import { etherTypes } from "../protocol/ethernet.ts"
import {
  advertisementFilter,
  neighbourSolicitation,
  parseNeighbourAdvertisement,
} from "../protocol/neighbour-discovery.ts"
import { localAddresses } from "./addresses.ts"
import { openPacketSocket, type PacketSocket } from "./packet-socket.ts"

/** Who answered for one address. */
export interface NeighbourAnswer {
  readonly address: string
  /** Sorted, without this host's own; more than one is a conflict. */
  readonly macs: readonly string[]
}

/** How long to listen, and from which of this host's addresses to ask. */
export interface ProbeOptions {
  readonly timeoutMs: number
  readonly source?: string
}

/** Every question is asked so often, spread over the time: a lost frame is no answer. */
const rounds = 3
const pollMs = 10

/**
 * Asks a segment who has these addresses, IPv4 by ARP and IPv6 by neighbour discovery, and listens for the whole time, so that a
 * second host that answers is found too. This host's own answer is never among them, whether it holds an address or not.
 * @returns one answer for each address, in the order asked.
 * @throws Failure when the interface is missing or down, has no IPv6 address to ask from, or CAP_NET_RAW is missing.
 */
export async function probeNeighbours(
  interfaceName: string,
  addresses: readonly string[],
  options: ProbeOptions,
): Promise<readonly NeighbourAnswer[]> {
  const asked = addresses.map(canonicalAddress)
  const found = new Map(asked.map((address) => [address, new Set<string>()]))
  const probes: Probe[] = []
  try {
    for (const open of [openArp, openDiscovery]) {
      const probe = open(interfaceName, asked, options.source)
      if (probe !== undefined) probes.push(probe)
    }
    await converse(probes, options.timeoutMs, found)
  } finally {
    for (const { socket } of probes) socket.close()
  }
  return asked.map((address) => ({ address, macs: [...(found.get(address) ?? [])].sort() }))
}

/** One protocol's questions and how its answers read. */
interface Probe {
  readonly socket: PacketSocket
  readonly questions: readonly Uint8Array[]
  readonly answer: (
    frame: Uint8Array,
  ) => { readonly address: string; readonly mac: string } | undefined
}

async function converse(
  probes: readonly Probe[],
  timeoutMs: number,
  found: ReadonlyMap<string, Set<string>>,
): Promise<void> {
  const start = performance.now()
  const elapsed = () => performance.now() - start
  for (let round = 1; round <= rounds; round++) {
    for (const { socket, questions } of probes) for (const frame of questions) socket.send(frame)
    while (elapsed() < (timeoutMs * round) / rounds) {
      await sleep(Math.min(pollMs, timeoutMs))
      for (const probe of probes) collect(probe, found)
    }
  }
}

function collect(probe: Probe, found: ReadonlyMap<string, Set<string>>): void {
  for (const frame of probe.socket.read()) {
    const answer = probe.answer(frame)
    if (answer !== undefined && answer.mac !== probe.socket.mac)
      found.get(answer.address)?.add(answer.mac)
  }
}

function openArp(
  interfaceName: string,
  asked: readonly string[],
  source: string | undefined,
): Probe | undefined {
  const wanted = asked.filter((address) => family(address) === 4)
  if (wanted.length === 0) return undefined
  const sender = chooseSource(interfaceName, 4, wanted, source) ?? noAddress
  const socket = openPacketSocket(interfaceName, etherTypes.arp)
  return {
    socket,
    questions: wanted.map((address) => arpRequest(socket.mac, sender, address)),
    answer: (frame) => {
      const packet = parseArp(frame)
      if (packet?.operation !== "reply") return undefined
      return { address: packet.senderAddress, mac: packet.senderMac }
    },
  }
}

function openDiscovery(
  interfaceName: string,
  asked: readonly string[],
  source: string | undefined,
): Probe | undefined {
  const wanted = asked.filter((address) => family(address) === 6)
  if (wanted.length === 0) return undefined
  const sender = chooseSource(interfaceName, 6, wanted, source)
  if (sender === undefined)
    throw new Failure("failed", `${interfaceName} has no IPv6 address of its own to ask from`)
  const socket = openPacketSocket(interfaceName, etherTypes.ipv6, advertisementFilter)
  return {
    socket,
    questions: wanted.map((address) => neighbourSolicitation(socket.mac, sender, address)),
    answer: parseNeighbourAdvertisement,
  }
}

/** An address that is this host's alone: never an asked one, nor another that may be a VIP (/32, /128). */
function chooseSource(
  interfaceName: string,
  version: 4 | 6,
  wanted: readonly string[],
  source: string | undefined,
): string | undefined {
  if (source !== undefined && family(source) === version) return source
  const hostOnly = version === 4 ? 32 : 128
  return localAddresses().find(
    (local) =>
      local.interface === interfaceName &&
      local.family === version &&
      local.prefixLength < hostOnly &&
      !wanted.includes(canonicalAddress(local.address)),
  )?.address
}

import { randomInt } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { FullSize, VipAnswer, VipQuestion } from "../../model/vip-probe.ts"
import type { IpTap } from "../kernel/ip-tap.ts"
import { errorWords } from "../kernel/errno.ts"
import type { TcpPath } from "../protocol/tcp.ts"
import {
  datagramPacket,
  packetBytes,
  readVipReply,
  resetPacket,
  synPacket,
  type VipReply,
} from "../protocol/vip-packets.ts"
import type { Lane } from "./vip-lanes.ts"

/** Above the ports that the kernel gives to connections by itself (ip(7), ip_local_port_range), which checks of the same VIP come from. */
const ownPorts = { first: 61_000, last: 65_535 } as const
/** A lost packet is no answer: each is sent so often. */
const rounds = 3
const pollMs = 10
/** include/uapi/asm-generic/errno.h */
const EMSGSIZE = 90
/** Clients of other networks send no larger packets; only those of the segment may. */
const clientMtu = 1500
/** Every host takes packets of so many bytes (RFC 791 section 3.1): none smaller needs to be tried. */
const leastBytes = 576
const sizeStep = 4

/** How the prober reaches the world. */
export interface ProbeEdges {
  /** Packets to the director's addresses that the lanes send from. */
  readonly taps: readonly IpTap[]
  /** Between two sendings of an unanswered packet, in milliseconds. */
  readonly roundMs: number
}

/** One packet that was sent, and what came back. */
interface Attempt {
  readonly path: TcpPath
  readonly lane: Lane
  packet: Uint8Array
  /** Makes a smaller one of a packet that is larger than the way takes. */
  readonly resize?: (bytes: number) => Uint8Array
  errno?: number
  reply?: VipReply
}

/** As many questions as there are ports for, two each. */
export const questionsAtOnce = (ownPorts.last - ownPorts.first) >> 1

/**
 * Asks real servers on VIPs. A VIP's answer comes to the director's own address, so that a backup can ask as well as a master, and no connection is left
 * half open behind it. Who answers a SYN is asked once more by one as large as the segments it lets clients send.
 * @returns one answer for each question, in their order.
 */
export async function probeVips(
  questions: readonly VipQuestion[],
  lanes: readonly (Lane | VipAnswer)[],
  edges: ProbeEdges,
): Promise<VipAnswer[]> {
  const port = ownPorts.first + randomInt(ownPorts.last - ownPorts.first - 2 * questions.length + 1)
  const book = new Map<string, Attempt>()
  const asked = questions.map((question, index) => {
    const lane = lanes[index]
    if (lane === undefined || "outcome" in lane) return lane
    const path = {
      source: lane.source,
      sourcePort: port + 2 * index,
      destination: question.vip,
      destinationPort: question.port,
    }
    const packet = question.protocol === "udp" ? datagramPacket(path) : synPacket(path, sequence())
    return note(book, { path, lane, packet })
  })
  await converse(book, attemptsOf(asked), edges)
  const larger = asked.map((attempt) => {
    const mss =
      attempt === undefined || "outcome" in attempt ? undefined : attempt.reply?.opened?.mss
    if (attempt === undefined || "outcome" in attempt || mss === undefined) return undefined
    const bytes = Math.min(packetBytes(attempt.path, mss), clientMtu)
    const path = { ...attempt.path, sourcePort: attempt.path.sourcePort + 1 }
    const number = sequence()
    const resize = (size: number): Uint8Array => synPacket(path, number, size)
    const { lane } = attempt
    return { bytes, attempt: note(book, { path, lane, packet: resize(bytes), resize }) }
  })
  await converse(
    book,
    larger.flatMap((one) => (one === undefined ? [] : [one.attempt])),
    edges,
  )
  return asked.map((attempt, index) => {
    if (attempt === undefined) return { outcome: "unsent", words: "not asked" }
    if ("outcome" in attempt) return attempt
    const full = larger[index]
    return answerOf(attempt, full && fullSize(full))
  })
}

function note(book: Map<string, Attempt>, attempt: Attempt): Attempt {
  const { destination, destinationPort, sourcePort } = attempt.path
  book.set(`${destination} ${destinationPort} ${sourcePort}`, attempt)
  return attempt
}

function attemptsOf(asked: readonly (Attempt | VipAnswer | undefined)[]): Attempt[] {
  return asked.flatMap((one) => (one === undefined || "outcome" in one ? [] : [one]))
}

async function converse(
  book: ReadonlyMap<string, Attempt>,
  attempts: readonly Attempt[],
  { taps, roundMs }: ProbeEdges,
): Promise<void> {
  const open = (): Attempt[] =>
    attempts.filter(({ reply, errno }) => reply === undefined && errno === undefined)
  for (let round = 0; round < rounds; round++) {
    for (const attempt of open()) send(attempt)
    const end = performance.now() + roundMs
    while (open().length > 0 && performance.now() < end) {
      await sleep(pollMs)
      for (const tap of taps) for (const bytes of tap.read()) hear(book, bytes)
    }
  }
}

function send(attempt: Attempt): void {
  const { lane, resize } = attempt
  let sent = lane.send(attempt.packet)
  while (sent === -EMSGSIZE && resize !== undefined && attempt.packet.length > leastBytes) {
    attempt.packet = resize(attempt.packet.length - sizeStep)
    sent = lane.send(attempt.packet)
  }
  if (sent < 0) attempt.errno = sent
}

/** The first reply counts; a connection that one opened is closed each time it comes. */
function hear(book: ReadonlyMap<string, Attempt>, bytes: Uint8Array): void {
  const reply = readVipReply(bytes)
  if (reply === undefined) return
  const attempt = book.get(`${reply.vip} ${reply.port} ${reply.ownPort}`)
  if (attempt === undefined) return
  attempt.reply ??= reply
  if (reply.opened !== undefined)
    attempt.lane.send(resetPacket(attempt.path, reply.opened.acknowledged))
}

function fullSize(full: { readonly bytes: number; readonly attempt: Attempt }): FullSize {
  const { packet, reply } = full.attempt
  return { bytes: full.bytes, sent: packet.length, answered: reply?.outcome === "answered" }
}

function answerOf({ errno, reply }: Attempt, full: FullSize | undefined): VipAnswer {
  if (reply !== undefined) {
    const { outcome, words } = reply
    return {
      outcome,
      ...(words === undefined ? {} : { words }),
      ...(full === undefined ? {} : { full }),
    }
  }
  if (errno === undefined) return { outcome: "silent" }
  return { outcome: "unsent", words: errorWords(errno).replace(/^\w+: /, "") }
}

function sequence(): number {
  return randomInt(0x1_0000_0000)
}

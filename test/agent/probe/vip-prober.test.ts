import { describe, expect, it } from "vitest"
import type { Lane } from "../../../src/agent/probe/vip-lanes.ts"
import { probeVips } from "../../../src/agent/probe/vip-prober.ts"
import { ipPacket, parseIpPacket } from "../../../src/agent/protocol/ip-packet.ts"
import { ipProtocols } from "../../../src/core/ip-protocols.ts"
import { parseTcp } from "../../../src/agent/protocol/tcp.ts"
import type { VipQuestion } from "../../../src/model/vip-probe.ts"

const question: VipQuestion = {
  vip: "10.77.0.100",
  protocol: "tcp",
  port: 80,
  server: "10.77.0.21",
}
const emsgsize = -90

/** A real server that answers SYNs up to a size and from the so-manieth on, behind a way that takes packets up to another. */
function realServer(does: { answers?: number; takes?: number; mss?: number; from?: number } = {}) {
  const { answers = 1500, takes = 1500, mss = 1460, from = 1 } = does
  const heard: { bytes: number; rst: boolean; sequence: number }[] = []
  const replies: Uint8Array[] = []
  const lane: Lane = {
    source: "10.77.0.11",
    send: (packet) => {
      if (packet.length > takes) return emsgsize
      const syn = parseTcp(parseIpPacket(packet)?.payload ?? new Uint8Array())
      if (syn === undefined) throw new Error("no segment")
      heard.push({ bytes: packet.length, rst: syn.rst, sequence: syn.sequence })
      if (syn.syn && packet.length <= answers && heard.length >= from)
        replies.push(synAck(syn.sourcePort, syn.sequence, mss))
      return packet.length
    },
    close: () => undefined,
  }
  const tap = { read: () => replies.splice(0), close: () => undefined }
  return { lane, tap, heard }
}

function synAck(port: number, sequence: number, mss: number): Uint8Array {
  const payload = new Uint8Array(24)
  const view = new DataView(payload.buffer)
  view.setUint16(0, 80)
  view.setUint16(2, port)
  view.setUint32(8, sequence + 1)
  view.setUint16(12, 0x6012)
  view.setUint32(20, (0x0204 << 16) | mss)
  const { vip: source } = question
  return ipPacket({ source, destination: "10.77.0.11", protocol: ipProtocols.tcp, payload }, 64)
}

async function answerOf({ lane, tap }: ReturnType<typeof realServer>) {
  const [answer] = await probeVips([question], [lane], { taps: [tap], roundMs: 30 })
  return answer
}

describe("asking a real server on a VIP", () => {
  it("asks twice, the second time with as large a packet as clients may send", async () => {
    const server = realServer()
    expect(await answerOf(server)).toEqual({
      outcome: "answered",
      full: { bytes: 1500, sent: 1500, answered: true },
    })
    expect(server.heard.filter(({ rst }) => !rst).map(({ bytes }) => bytes)).toEqual([40, 1500])
  })

  it("takes back every connection that was opened for it, by the number that was acknowledged", async () => {
    const { heard, ...server } = realServer()
    await answerOf({ heard, ...server })
    const syns = heard.filter(({ rst }) => !rst).map(({ sequence }) => (sequence + 1) >>> 0)
    expect(heard.filter(({ rst }) => rst).map(({ sequence }) => sequence)).toEqual(syns)
  })

  it("asks again when a packet was lost", async () => {
    expect(await answerOf(realServer({ from: 3 }))).toMatchObject({ outcome: "answered" })
  })

  it("tells what fits when the director's side of the way takes less than the real server asks for", async () => {
    expect(await answerOf(realServer({ takes: 1480 }))).toMatchObject({
      full: { bytes: 1500, sent: 1480, answered: true },
    })
  })

  it("tells that large packets are lost", async () => {
    expect(await answerOf(realServer({ answers: 1400 }))).toMatchObject({
      full: { bytes: 1500, sent: 1500, answered: false },
    })
  })

  it("sends no more than the real server asks for, nor than clients of other networks send", async () => {
    expect(await answerOf(realServer({ mss: 1360 }))).toMatchObject({ full: { bytes: 1400 } })
    const jumbo = await answerOf(realServer({ mss: 8960, answers: 9000, takes: 9000 }))
    expect(jumbo).toMatchObject({ full: { bytes: 1500 } })
  })

  it("calls silent who does not answer, unsent what could not be sent, and leaves other answers alone", async () => {
    const silent = realServer({ answers: 0 })
    const narrow = realServer({ takes: 0 })
    const absent = { outcome: "absent" } as const
    const answers = await probeVips(
      [question, question, question],
      [silent.lane, narrow.lane, absent],
      { taps: [silent.tap], roundMs: 10 },
    )
    expect(answers).toEqual([
      { outcome: "silent" },
      { outcome: "unsent", words: "message too long" },
      absent,
    ])
  })

  it("does not take the answer to one question for another's, nor what it never asked", async () => {
    const [one, two] = [realServer(), realServer({ answers: 0 })]
    const strange = { read: () => [synAck(4711, 1, 1460)], close: () => undefined }
    const answers = await probeVips([question, question], [one.lane, two.lane], {
      taps: [one.tap, two.tap, strange],
      roundMs: 10,
    })
    expect(answers.map(({ outcome }) => outcome)).toEqual(["answered", "silent"])
  })
})

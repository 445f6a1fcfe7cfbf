import { describe, expect, it } from "vitest"
import type { VipAnswer, VipQuestion } from "../../src/model/vip-probe.ts"
import { parseVipAnswers, parseVipQuestions, probeWords } from "../../src/wire/vip-probe.ts"

const questions: VipQuestion[] = [
  { vip: "10.77.0.100", protocol: "tcp", port: 80, server: "10.77.0.21" },
  {
    vip: "fd77::100",
    protocol: "udp",
    port: 53,
    server: "10.77.0.21",
    tunnel: { type: "gue", port: 5555 },
  },
]
const answers: VipAnswer[] = [
  { outcome: "answered", full: { bytes: 1500, sent: 1480, answered: true } },
  { outcome: "rejected", words: "host prohibited" },
]

describe("asking real servers on VIPs over the wire", () => {
  it("says the same on both sides", () => {
    const [command, device, json = ""] = probeWords("eth0", questions)
    expect([command, device]).toEqual(["probe", "eth0"])
    expect(parseVipQuestions(json)).toEqual(questions)
    expect(parseVipAnswers(JSON.stringify(answers), 2)).toEqual(answers)
  })

  it("takes nothing else for a question or an answer, nor answers to other questions", () => {
    expect(parseVipAnswers(JSON.stringify(answers), 3)).toBeUndefined()
    for (const text of ["", "{}", "[{}]", '[{"outcome":"fine"}]', "[1]"]) {
      expect(parseVipAnswers(text, 1)).toBeUndefined()
      expect(parseVipQuestions(text)).toBeUndefined()
    }
    const [first] = questions
    for (const wrong of [{ port: 0 }, { vip: "lo" }, { protocol: "sctp" }, { server: "rs1" }])
      expect(parseVipQuestions(JSON.stringify([{ ...first, ...wrong }]))).toBeUndefined()
  })
})

import { describe, expect, it } from "vitest"
import type { VipAnswer } from "../../src/model/vip-probe.ts"
import type { ServedVip } from "../../src/plan/vip-questions.ts"
import { verdictOf } from "../../src/plan/vip-words.ts"

const dr: ServedVip = {
  cluster: "demo",
  service: "web",
  host: "rs1",
  forwarding: "dr",
  endpoint: "tcp 10.77.0.100:80",
  question: { vip: "10.77.0.100", protocol: "tcp", port: 80, server: "10.77.0.21" },
}

describe("what an answer means", () => {
  const verdict = (answer: VipAnswer | undefined, parts: Partial<ServedVip> = {}) => {
    const { standing, words } = verdictOf({ ...dr, ...parts }, answer)
    return `${standing}: ${words}`
  }
  const udp = {
    question: { vip: "10.77.0.100", protocol: "udp", port: 53, server: "10.77.0.21" },
  } as const

  it("is a proof when the real server answers, and a disproof when it does not over tcp", () => {
    expect(verdict({ outcome: "answered" })).toBe("proved: answers")
    expect(
      (["refused", "silent", "absent", "passed-on"] as const).map((outcome) =>
        verdict({ outcome }),
      ),
    ).toEqual([
      "disproved: refused: nobody listens on the port",
      "disproved: silent: VIP not on its loopback, or a firewall",
      "disproved: absent: nobody there has its own address",
      "disproved: passed on: a router without the VIP",
    ])
    expect(verdict({ outcome: "rejected", words: "host prohibited" })).toBe(
      "disproved: rejected: host prohibited",
    )
    expect(verdict({ outcome: "silent" }, { forwarding: "tun" })).toMatch(/tunnel, rp_filter/)
  })

  it("leaves open over udp what only silence says", () => {
    expect(verdict({ outcome: "silent" }, udp)).toBe("open: not refused; udp proves no more")
    expect(verdict({ outcome: "refused" }, udp)).toMatch(/^disproved/)
    expect(verdict({ outcome: "answered" }, udp)).toMatch(/^proved/)
  })

  it("tells what large packets find", () => {
    const full = { bytes: 1500, sent: 1480, answered: true }
    expect(verdict({ outcome: "answered", full })).toBe(
      "proved: answers; MTU: 1480 bytes fit, it asks for 1500",
    )
    expect(verdict({ outcome: "answered", full: { ...full, answered: false } })).toBe(
      "disproved: answers, but to no packet of 1480 bytes: MTU",
    )
  })

  it("leaves open what was not asked, and says why", () => {
    expect(verdict({ outcome: "unsent", words: "lb1 has no agent" })).toBe(
      "open: not asked: lb1 has no agent",
    )
    expect(
      (["nat", "sctp", "any-port"] as const).map((question) => verdict(undefined, { question })),
    ).toEqual([
      "open: not asked: nat needs no VIP there",
      "open: not asked: sctp",
      "open: not asked: no port is named, nor by a check",
    ])
  })

  it("fits a line of 80 columns beside a host and an IPv4 endpoint", () => {
    const longest = "rs-web-1".length + "tcp 192.0.2.100:80".length + 2 * 2
    const full = { bytes: 1500, sent: 1480, answered: true }
    const answers: VipAnswer[] = [
      { outcome: "silent" },
      { outcome: "passed-on" },
      { outcome: "answered", full },
      { outcome: "answered", full: { ...full, answered: false } },
    ]
    for (const answer of answers)
      for (const forwarding of ["dr", "tun"] as const)
        expect(verdictOf({ ...dr, forwarding }, answer).words.length).toBeLessThan(80 - longest)
  })
})

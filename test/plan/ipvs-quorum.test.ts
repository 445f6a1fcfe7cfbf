import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { limitsOf, nextQuorum, quorumOfTable, stepQuorum } from "../../src/plan/ipvs-quorum.ts"
import { check, destination, director, held, runtime, server, service, web } from "./samples.ts"

const quorum = limitsOf({ quorum: { up: 3, hysteresis: 1 } }, 6)

function taking(count: number): { taking: number; waiting: number; total: number } {
  return { taking: count, waiting: 0, total: 6 }
}

describe("nextQuorum", () => {
  it.each([
    ["up", 2, "up"],
    ["up", 1, "down"],
    ["down", 3, "down"],
    ["down", 4, "up"],
    [undefined, 3, "up"],
    [undefined, 2, "down"],
  ] as const)("with up 3 and hysteresis 1: %s and %i servers is %s", (before, count, after) => {
    expect(nextQuorum(quorum, before, taking(count))).toBe(after)
  })

  it("is lost when nobody is left, whatever the hysteresis", () => {
    expect(nextQuorum(limitsOf({ quorum: { up: 1, hysteresis: 1 } }, 6), "up", taking(0))).toBe(
      "down",
    )
  })

  it("is regained by a whole pool that is smaller than up + hysteresis", () => {
    const limits = limitsOf({ quorum: { up: 3, hysteresis: 1 } }, 3)
    expect(nextQuorum(limits, "down", { taking: 3, waiting: 0, total: 3 })).toBe("up")
  })

  it("does not flip between two looks at the same servers, also when fewer are left than it asks for", () => {
    const number = fc.nat({ max: 12 })
    const before = fc.constantFrom("up", "down", undefined)
    fc.assert(
      fc.property(number, number, number, number, before, (up, hysteresis, total, some, state) => {
        const limits = limitsOf({ quorum: { up, hysteresis } }, total)
        const count = taking(Math.min(some, total))
        const first = nextQuorum(limits, state, count)
        expect(nextQuorum(limits, first, count)).toBe(first)
      }),
    )
  })

  it("is undecided as long as answers are missing that could make it", () => {
    expect(nextQuorum(quorum, undefined, { taking: 2, waiting: 1, total: 3 })).toBeUndefined()
  })
})

describe("a watermark", () => {
  const wide = { quorum: { up: 1, hysteresis: 0 }, watermark: { low: 0.3, high: 0.6 } }

  it.each([
    ["down", 5, "down"],
    ["down", 6, "up"],
    ["up", 3, "up"],
    ["up", 2, "down"],
    [undefined, 5, "down"],
    [undefined, 6, "up"],
  ] as const)("of 0.3 to 0.6 with 10 servers: %s and %i is %s", (before, count, after) => {
    expect(nextQuorum(limitsOf(wide, 10), before, taking(count))).toBe(after)
  })

  it("is reached by exactly its fraction, whatever that is in binary", () => {
    const exact = { ...wide, watermark: { low: 0.7, high: 0.7 } }
    for (const total of [10, 20, 30, 100])
      expect(limitsOf(exact, total).regain).toBe(Math.round(total * 0.7))
  })

  it("of 0 needs one server", () => {
    expect(limitsOf({ ...wide, watermark: { low: 0, high: 0 } }, 10)).toEqual({
      keep: 1,
      regain: 1,
      begin: 1,
    })
  })

  it("counts the servers that have a weight", () => {
    const state = director(
      service({
        watermark: { low: 0.5, high: 0.5 },
        servers: [server(1), server(2, { weight: 0 }), server(3, { weight: 0 })],
      }),
    )
    expect(stepQuorum(state, runtime()).get(web)).toBe("up")
  })
})

describe("stepQuorum", () => {
  it("regains with the whole pool that operators leave", () => {
    const three = director(
      service({ quorum: { up: 2, hysteresis: 1 }, servers: [server(1), server(2), server(3)] }),
    )
    const quorum = new Map([[web, "down" as const]])
    const drained = { action: "disable", host: "rs3", by: "ann", since: "" } as const
    expect(stepQuorum(three, runtime({ quorum, overrides: [drained] })).get(web)).toBe("up")
  })

  it("stays lost, as keepalived's does, when operators leave fewer than it asks for", () => {
    const state = director(
      service({ quorum: { up: 2, hysteresis: 0 }, servers: [server(1), server(2)] }),
    )
    const overrides = [{ action: "drain", host: "rs2", by: "ann", since: "" } as const]
    const lost = stepQuorum(state, runtime({ overrides, quorum: new Map([[web, "up"]]) }))
    expect(lost.get(web)).toBe("down")
    expect(stepQuorum(state, runtime({ overrides, quorum: lost })).get(web)).toBe("down")
  })

  it("counts servers that take new connections: up, not drained, not of weight 0", () => {
    const drained = { action: "drain", host: "rs2", by: "ann", since: "" } as const
    const state = director(
      service({ quorum: { up: 2, hysteresis: 0 }, servers: [server(1), server(2)] }),
    )
    expect(stepQuorum(state, runtime()).get(web)).toBe("up")
    expect(stepQuorum(state, runtime({ overrides: [drained] })).get(web)).toBe("down")
  })

  it("leaves a checked service undecided before the first answers", () => {
    expect(stepQuorum(director(service({ check })), runtime()).size).toBe(0)
  })
})

describe("servers of weight 0", () => {
  it("are not waited for", () => {
    const state = director(service({ check, servers: [server(1), server(2, { weight: 0 })] }))
    const health = new Map([[`${web} 10.0.0.1:80`, "down" as const]])
    expect(stepQuorum(state, runtime({ health })).get(web)).toBe("down")
  })
})

describe("quorumOfTable", () => {
  it("is down where the sorry server serves, up where others do, unknown where nobody does", () => {
    const sorryServer = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const
    const state = director(service({ sorryServer }))
    expect(quorumOfTable(state, [held([destination(99), destination(1, 0)])]).get(web)).toBe("down")
    expect(quorumOfTable(state, [held([destination(1)])]).get(web)).toBe("up")
    expect(quorumOfTable(state, [held([])]).get(web)).toBeUndefined()
  })
})

import { describe, expect, it } from "vitest"
import { nextQuorum, quorumOfTable, stepQuorum } from "../../src/plan/ipvs-quorum.ts"
import { check, destination, director, held, runtime, server, service, web } from "./samples.ts"

const quorum = { up: 3, hysteresis: 1 }

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
    expect(nextQuorum({ up: 1, hysteresis: 1 }, "up", taking(0))).toBe("down")
  })

  it("is regained by a whole pool that is smaller than up + hysteresis", () => {
    expect(nextQuorum(quorum, "down", { taking: 3, waiting: 0, total: 3 })).toBe("up")
  })

  it("is undecided as long as answers are missing that could make it", () => {
    expect(nextQuorum(quorum, undefined, { taking: 2, waiting: 1, total: 3 })).toBeUndefined()
  })
})

describe("stepQuorum", () => {
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

describe("quorumOfTable", () => {
  it("is down where the sorry server serves, up where others do, unknown where nobody does", () => {
    const sorryServer = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const
    const state = director(service({ sorryServer }))
    expect(quorumOfTable(state, [held([destination(99), destination(1, 0)])]).get(web)).toBe("down")
    expect(quorumOfTable(state, [held([destination(1)])]).get(web)).toBe("up")
    expect(quorumOfTable(state, [held([])]).get(web)).toBeUndefined()
  })
})

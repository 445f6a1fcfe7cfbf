import { describe, expect, it } from "vitest"
import { chooseTargets } from "../../src/cli/rollback-targets.ts"
import { Failure } from "../../src/core/failure.ts"
import type { HistoryEntry } from "../../src/model/history.ts"
import type { NodePast } from "../../src/wire/history.ts"

const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(64)) as [string, string, string]

function entry(run: string, release: string, day: number, more: Partial<HistoryEntry> = {}) {
  const since = `2026-01-0${day}T00:00:00.000Z`
  const whole: HistoryEntry = {
    run,
    release,
    since,
    transaction: `${run}-1`,
    by: "ada",
    from: "laptop",
    result: "confirmed",
    changes: [],
    steps: {},
    seconds: 1,
    at: since,
    ...more,
  }
  return whole
}

/** lb1 was changed by all three runs, rs1 by the first and last, rs2 by the last. */
const pasts = new Map<string, NodePast>([
  [
    "lb1",
    {
      current: c,
      releases: [a, b, c],
      entries: [entry("1111", a, 1), entry("2222", b, 2), entry("3333", c, 3)],
    },
  ],
  ["rs1", { current: b, releases: [a, b], entries: [entry("1111", a, 1), entry("3333", b, 3)] }],
  ["rs2", { current: a, releases: [a], entries: [entry("3333", a, 3)] }],
  ["rs3", { releases: [], entries: [] }],
])

function goal(to?: string): Record<string, string> {
  const { targets, staying } = chooseTargets(pasts, to)
  return Object.fromEntries([
    ...targets.map(({ host, release }) => [host, release.slice(0, 1)]),
    ...staying.map(({ host, message }) => [host, message]),
  ])
}

describe("a rollback", () => {
  it("goes to each host's confirmed release before its present one", () => {
    expect(goal()).toEqual({
      lb1: "b",
      rs1: "a",
      rs2: "has no release before its present one",
      rs3: "has no release",
    })
  })

  it("goes to what a run left on each host, also where that run changed nothing", () => {
    expect(goal("2222")).toEqual({
      lb1: "b",
      rs1: "a",
      rs2: "had no release when that run ended",
      rs3: "had no release when that run ended",
    })
    expect(goal("33")).toMatchObject({ lb1: "c", rs1: "b", rs2: "a" })
  })

  it("goes to a release by name where it was ever confirmed", () => {
    expect(goal("cccc")).toMatchObject({ lb1: "c", rs1: "never had that release" })
  })

  it("passes over what was reverted, and what is the present release under another run", () => {
    const entries = [
      entry("1", a, 1),
      entry("2", b, 2),
      entry("3", c, 3, { result: "reverted" }),
      entry("4", b, 4),
    ]
    const { targets } = chooseTargets(
      new Map([["lb1", { current: b, releases: [a, b], entries }]]),
      undefined,
    )
    expect(targets.map(({ release }) => release)).toEqual([a])
  })

  it("is not made to a release that is no longer kept, and says which", () => {
    const past = pasts.get("lb1")
    if (past === undefined) throw new Error("sample")
    const { targets, lost } = chooseTargets(
      new Map([["lb1", { ...past, releases: [c] }]]),
      undefined,
    )
    expect(targets).toEqual([])
    expect(lost).toEqual([
      { host: "lb1", message: "does not keep release bbbbbbbbbbbb of run 2222 any more" },
    ])
  })

  it.each([
    ["9999", "no host remembers a run or release of that id"],
    ["", "may be several"],
  ])("refuses --to %j", (to, words) => {
    expect(() => chooseTargets(pasts, to)).toThrow(Failure)
    expect(() => chooseTargets(pasts, to)).toThrow(words)
  })
})

import { describe, expect, it } from "vitest"
import { releaseTable, runsOf, runTable, runText } from "../../src/cli/history-tables.ts"
import type { HistoryEntry } from "../../src/model/history.ts"
import type { NodePast } from "../../src/wire/history.ts"

function entry(more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    run: "11111111",
    what: "apply",
    release: "a".repeat(64),
    transaction: "t1",
    by: "ada",
    from: "laptop",
    since: "2026-01-02T03:04:05.000Z",
    commit: "abc123",
    result: "confirmed",
    changed: 2,
    changes: [{ kind: "file", action: "edit", subject: "/etc/motd" }],
    steps: { stage: 120, activate: 1500, confirm: 300 },
    seconds: 2,
    at: "2026-01-02T03:04:09Z",
    ...more,
  }
}

const later = {
  run: "22222222",
  transaction: "t2",
  since: "2026-01-03T03:04:05.000Z",
  release: "b".repeat(64),
}
const pasts = new Map<string, NodePast>([
  ["lb1", { current: "a".repeat(64), releases: ["a".repeat(64)], entries: [entry(), entry()] }],
  [
    "rs1",
    {
      current: "a".repeat(64),
      releases: [],
      entries: [entry(), entry({ ...later, result: "reverted", why: "not confirmed within 30 s" })],
    },
  ],
  ["rs2", { releases: [], entries: [entry({ ...later, what: "setup" })] }],
])

describe("the runs hosts remember", () => {
  it("are one a run over all its hosts, newest first, each end once", () => {
    const runs = runsOf(pasts)
    expect(runs.map((run) => run.run)).toEqual(["22222222", "11111111"])
    expect(runs[1]?.entries.map(({ host }) => host)).toEqual(["lb1", "rs1"])
  })

  it("fit a screen", () => {
    const text = runTable(runsOf(pasts))
    expect(text).toBe(
      [
        "RUN       SINCE (UTC)       WHO         WHAT   RESULT                   HOSTS",
        "22222222  2026-01-03 03:04  ada@laptop  apply  1 reverted, 1 confirmed  rs1, rs2",
        "11111111  2026-01-02 03:04  ada@laptop  apply  confirmed                lb1, rs1",
      ].join("\n"),
    )
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("tell by host what changed, how long it took and how it ended", () => {
    const text = runsOf(pasts).map(runText).join("\n\n")
    expect(text).toContain("rs1: reverted (not confirmed within 30 s), release bbbbbbbbbbbb")
    expect(text).toContain(
      "  stage 120ms, activate 1.5s, confirm 300ms, ended 2026-01-02T03:04:09Z",
    )
    expect(text).toContain("  edit file /etc/motd\n  and 1 more change")
    expect(text).toContain("commit abc123")
  })

  it("say which release each host has", () => {
    expect(releaseTable(pasts).split("\n").slice(1)).toEqual([
      "lb1   aaaaaaaaaaaa  11111111",
      "rs1   aaaaaaaaaaaa  11111111",
      "rs2   none          -",
    ])
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"

import type { Event } from "../../src/model/event.ts"
import { paint } from "../../src/report/paint.ts"
import { openProgress } from "../../src/report/progress.ts"

const plain = paint(false)
const started = (host: string): Event => ({ type: "step", host, step: "activate", state: "start" })

describe("progress", () => {
  it("shows who is at what since when, and a summary", () => {
    const progress = openProgress(3, plain, 0)
    progress.event({ type: "phase", phase: "backup", hosts: ["lb2"] }, 0)
    progress.event(started("lb2"), 1000)
    progress.event({ type: "outcome", host: "rs1", outcome: "changed" }, 1500)
    expect(progress.frame(4200, { rows: 24, columns: 80 })).toEqual([
      "lb2  activate   3s",
      "1/3 done, 1 running · backup directors · 4s",
    ])
  })

  it("counts a failed host, and forgets it as running", () => {
    const progress = openProgress(2, plain, 0)
    progress.event(started("lb2"), 0)
    progress.event(
      { type: "failed", host: "lb2", step: "activate", code: "failed", message: "no" },
      0,
    )
    expect(progress.frame(0, { rows: 24, columns: 80 })).toEqual([
      "1/2 done, 0 running, 1 failed · 0ms",
    ])
  })

  it("never draws more than the terminal holds", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 3, max: 60 }),
        fc.integer({ min: 10, max: 200 }),
        (count, rows, columns) => {
          const progress = openProgress(count, plain, 0)
          for (let index = 0; index < count; index++) progress.event(started(`host${index}`), 0)
          const frame = progress.frame(0, { rows, columns })
          expect(frame.length).toBeLessThan(rows)
          for (const line of frame) expect(line.length).toBeLessThanOrEqual(columns)
          expect(frame.at(-1)?.slice(0, 2)).toBe("0/")
        },
      ),
      { numRuns: 50 },
    )
  })
})

import { Writable } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"

import { describe, expect, it } from "vitest"

import type { Event } from "../../src/model/event.ts"
import type { Report } from "../../src/model/report.ts"
import { openSink } from "../../src/report/open-sink.ts"
import { openOutput } from "../../src/report/output.ts"
import { memory } from "./output.ts"

const events: readonly Event[] = [
  { type: "phase", phase: "gain", hosts: ["rs1"] },
  { type: "step", host: "rs1", step: "stage", state: "start" },
  { type: "step", host: "rs1", step: "stage", state: "done", ms: 1234 },
  {
    type: "failed",
    host: "longer",
    step: "activate",
    code: "reverted",
    message: "no",
    hint: "see",
  },
  { type: "notice", message: "note" },
  { type: "outcome", host: "longer", outcome: "reverted", detail: "no\nmore" },
  { type: "outcome", host: "rs1", outcome: "changed" },
  { type: "outcome", host: "rs5", outcome: "unchanged" },
]

const report: Report = {
  format: 1,
  run: "run1",
  started: "2026-01-01T00:00:00.000Z",
  ms: 12_300,
  exitCode: 7,
  hosts: [
    { host: "rs1", outcome: "changed", steps: [{ step: "stage", ms: 1234 }] },
    { host: "longer", outcome: "reverted", steps: [] },
  ],
  notices: [],
}

const hosts = ["rs1", "longer"]
const options = { json: false, colours: false, live: false, hosts }

describe("a run's output", () => {
  it("is a line for each thing that happened, without colour, where there is no terminal", async () => {
    const stream = memory()
    const sink = await openSink(stream, options)
    for (const event of events) sink.event(event)
    await sink.end(report)
    expect(stream.text()).toBe(
      [
        "== real servers: 1 host",
        "rs1     stage     ok  1.2s",
        "longer  activate  FAILED  no",
        "    see",
        "note",
        "longer  reverted  no",
        "rs1     changed",
        "1 changed, 1 reverted in 12.3s",
        "",
      ].join("\n"),
    )
  })

  it("is one JSON object a line for machines, the report last", async () => {
    const stream = memory()
    const sink = await openSink(stream, { ...options, json: true })
    for (const event of events) sink.event(event)
    await sink.end(report)
    const values = stream
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(values).toHaveLength(events.length + 1)
    expect(values[2]).toMatchObject({
      type: "step",
      host: "rs1",
      ms: 1234,
      at: expect.stringMatching(/^\d{4}-/),
    })
    expect(values.at(-1)).toMatchObject({ type: "report", format: 1, exitCode: 7 })
  })

  it("on a terminal keeps what matters and takes its live lines away at the end", async () => {
    const stream = memory({ rows: 24, columns: 80 })
    const sink = await openSink(stream, { ...options, live: true })
    sink.event({ type: "step", host: "rs1", step: "activate", state: "start" })
    await sleep(250)
    expect(stream.text()).toContain("rs1  activate")
    expect(stream.text()).toContain("0/2 done, 1 running")
    for (const event of events) sink.event(event)
    await sink.end(report)
    const rest = screen(stream.text())
    expect(rest).toEqual([
      "== real servers: 1 host",
      "longer  activate  FAILED  no",
      "    see",
      "note",
      "longer  reverted  no",
      "rs1     changed",
      "1 changed, 1 reverted in 12.3s",
    ])
  })

  it("uses colour where it may", async () => {
    for (const colours of [false, true]) {
      const stream = memory({ rows: 24, columns: 80 })
      const sink = await openSink(stream, { ...options, live: true, colours })
      sink.event({ type: "outcome", host: "rs1", outcome: "changed" })
      await sink.end(report)
      expect(stream.text().includes("\u001B[32m")).toBe(colours)
    }
  })

  it("goes on when nobody reads it any more", async () => {
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))
      },
    })
    const output = openOutput(stream)
    output.write("a")
    await sleep(1)
    expect(output.closed).toBe(true)
    output.write("b")
  })

  it("costs little for 500 hosts on a terminal", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `host${index}`)
    const stream = memory({ rows: 50, columns: 120 })
    const before = process.cpuUsage()
    const sink = await openSink(stream, { ...options, live: true, colours: true, hosts: names })
    for (const step of ["stage", "activate", "confirm", "verify"] as const) {
      for (const host of names) sink.event({ type: "step", host, step, state: "start" })
      await sleep(150)
      for (const host of names) sink.event({ type: "step", host, step, state: "done", ms: 1 })
    }
    for (const host of names) sink.event({ type: "outcome", host, outcome: "changed" })
    await sink.end(report)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(2000)
  })
})

/** What a terminal shows after these bytes: knows line feeds, cursor up and erase to the end. */
function screen(text: string): string[] {
  const escape = "\u001B["
  const lines: string[] = []
  let row = 0
  for (const line of text.replaceAll("\n", `${escape}n`).split(escape)) {
    const [code = "", count = "", kind = "", rest = ""] = /^(\d*)([AJn])(.*)$/s.exec(line) ?? [
      "",
      "",
      "",
      line,
    ]
    if (code !== "" && kind === "n") row++
    if (kind === "A") row -= Number(count)
    if (kind === "J") lines.splice(row)
    if (rest !== "") lines[row] = rest
  }
  return lines
}

import { describe, expect, it } from "vitest"
import { snapshot } from "../../../src/agent/director/snapshot.ts"

const empty = { table: [], counters: [], services: [] }

describe("what the kernel holds of a director", () => {
  it("is the table and the marks as they are read", () => {
    const warnings: string[] = []
    const marks = { rules: [], intact: true }
    const held = snapshot(
      () => empty,
      () => marks,
      warnings,
    )
    expect(held).toEqual({ ...empty, marks })
    expect(warnings).toEqual([])
  })

  it("lacks what cannot be read, and warns of each", () => {
    const warnings: string[] = []
    const failing = (words: string) => () => {
      throw new Error(words)
    }
    expect(snapshot(failing("no ip_vs"), failing("no iptables"), warnings)).toEqual(empty)
    expect(warnings).toEqual(["no ip_vs", "no iptables"])
  })
})

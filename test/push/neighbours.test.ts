import { describe, expect, it } from "vitest"
import { parseAdverts, parseNeighbours } from "../../src/push/neighbours.ts"

describe("what an agent heard", () => {
  it("of neighbours is read with MACs in lower case", () => {
    expect(parseNeighbours('[{"address":"192.0.2.10","macs":["02:AB:00:00:00:01"]}]')).toEqual([
      { address: "192.0.2.10", macs: ["02:ab:00:00:00:01"] },
    ])
  })

  it("of VRRP is read as it stands", () => {
    const heard = [{ source: "192.0.2.7", virtualRouterId: 51, priority: 100 }]
    expect(parseAdverts(JSON.stringify(heard))).toEqual(heard)
  })

  it.each(["", "{}", "[1]", '[{"address":"192.0.2.10"}]', '[{"source":"192.0.2.7"}]'])(
    "is nothing when it printed %j",
    (text) => {
      expect([parseNeighbours(text), parseAdverts(text)]).toEqual([undefined, undefined])
    },
  )
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { foldNames, hostList } from "../../src/plan/host-list.ts"

describe("hostList()", () => {
  it.each([
    [["lb1"], "lb1"],
    [["lb1", "lb2"], "lb1, lb2"],
    [["lb1", "lb2", "lb3"], "lb[1-3]"],
    [["lb1", "lb2", "rs1", "rs2"], "4 hosts: lb1, lb2, rs1, rs2"],
    [["lb08", "lb09", "lb10", "lb11"], "4 hosts: lb[08-11]"],
    [["rs8", "rs9", "rs10", "db"], "4 hosts: rs[8-10], db"],
    [["lb08", "lb9", "lb10"], "lb08, lb9, lb10"],
    [["lb1.dc1", "lb2.dc1", "lb3.dc1"], "lb[1-3].dc1"],
    [["lb1.dc1", "lb2.dc2", "lb3.dc3"], "lb1.dc1, lb2.dc2, lb3.dc3"],
    [["10.0.0.1", "10.0.0.2", "10.0.0.3"], "10.0.0.1, 10.0.0.2, 10.0.0.3"],
  ])("%j is %s", (names, words) => {
    expect(hostList(names)).toBe(words)
  })

  it("loses no host, and names none that is not there", () => {
    const name = fc
      .record({ head: fc.constantFrom("lb", "rs"), n: fc.nat(30), width: fc.constantFrom(1, 2) })
      .map(({ head, n, width }) => `${head}${String(n).padStart(width, "0")}`)
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        expect(foldNames(names).flatMap(unfold)).toEqual(names)
      }),
    )
  })
})

function unfold(folded: string): string[] {
  const [, head = "", first = "", last = "", tail = ""] =
    /^(.*)\[(\d+)-(\d+)\](.*)$/.exec(folded) ?? []
  if (first === "") return [folded]
  const count = Number(last) - Number(first) + 1
  return Array.from({ length: count }, (_, index) => {
    const number = String(Number(first) + index).padStart(first.length, "0")
    return `${head}${number}${tail}`
  })
}

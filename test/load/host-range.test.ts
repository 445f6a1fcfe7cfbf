import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { expandHostPattern } from "../../src/load/host-range.ts"

function names(text: string): readonly string[] {
  const result = expandHostPattern(text)
  if (!result.ok) throw new Error(result.error)
  return result.value.names
}

describe("expandHostPattern", () => {
  it.each([
    ["lb1", ["lb1"]],
    ["rs[1:3]", ["rs1", "rs2", "rs3"]],
    ["rs[08:11]", ["rs08", "rs09", "rs10", "rs11"]],
    ["lb[a:c].dc1", ["lba.dc1", "lbb.dc1", "lbc.dc1"]],
    ["lb[y:B]", ["lby", "lbz", "lbA", "lbB"]],
    ["lb[1:9:3]", ["lb1", "lb4", "lb7"]],
    ["lb[a:e:2]", ["lba", "lbc", "lbe"]],
    ["[:2]", ["0", "1", "2"]],
    ["r[1:2]n[a:b]", ["r1na", "r1nb", "r2na", "r2nb"]],
    ["2001:db8::1", ["2001:db8::1"]],
  ])("expands %s", (text, expected) => {
    expect(names(text)).toEqual(expected)
  })

  it.each([
    ["host:2222", ["host"], 2222],
    ["rs[1:2]:22", ["rs1", "rs2"], 22],
    ["[2001:db8::1]:2022", ["2001:db8::1"], 2022],
  ])("splits the port off %s", (text, expected, port) => {
    expect(expandHostPattern(text)).toEqual({ ok: true, value: { names: expected, port } })
  })

  it.each([
    ["rs[3:1]", "[3:1] runs backwards"],
    ["rs[c:a]", "[c:a] runs backwards"],
    ["rs[1]", "[1] is no range: write [first:last] or [first:last:stride]"],
    ["rs[1:]", "[1:] is no range: write [first:last] or [first:last:stride]"],
    ["rs[1:2:3:4]", "[1:2:3:4] is no range: write [first:last] or [first:last:stride]"],
    ["rs[1:5:0]", "the stride of [1:5:0] is not a number from 1"],
    ["rs[a:5]", "[a:5] must run from a number to a number, or from a letter to a letter"],
    ["rs[01:100]", "[01:100] needs ends of the same length, as its first end begins with 0"],
    ["rs[1:2", "a bracket stands alone"],
    ["rs1]", "a bracket stands alone"],
    ["rs[1:9999999999]", "it stands for over 100000 hosts"],
    ["rs[1:999][1:999]", "it stands for over 100000 hosts"],
  ])("refuses %s", (text, error) => {
    expect(expandHostPattern(text)).toEqual({ ok: false, error })
  })

  it("gives what counting from first to last prints", () => {
    const bounds = fc.tuple(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 7 }), fc.boolean())
    fc.assert(
      fc.property(bounds, ([first, extra, stride, padded]) => {
        const last = first + extra
        const width = padded ? String(last).length + 1 : 0
        const show = (value: number): string => String(value).padStart(width, "0")
        const expected: string[] = []
        for (let value = first; value <= last; value += stride) expected.push(`rs${show(value)}.x`)
        expect(names(`rs[${show(first)}:${show(last)}:${stride}].x`)).toEqual(expected)
      }),
    )
  })

  it("never throws, whatever the text", () => {
    const piece = fc.constantFrom("[", "]", ":", "0", "1", "09", "a", "z", "-", ".")
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(typeof expandHostPattern(pieces.join("")).ok).toBe("boolean")
      }),
    )
  })
})

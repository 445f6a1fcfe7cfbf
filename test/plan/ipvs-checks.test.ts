import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isCheckService } from "../../src/model/ipvs.ts"
import { checkServices, markOf } from "../../src/plan/ipvs-checks.ts"
import { at, check, director, server, service } from "./samples.ts"

const web = service({ check })

describe("checkServices", () => {
  it("makes one private service of one server for each real server, however many services use it", () => {
    const other = service({ check, key: at(443) })
    const { table } = checkServices(director(web, other))
    expect(table).toHaveLength(2)
    for (const { key, destinations } of table) {
      expect(isCheckService(key)).toBe(true)
      expect(destinations).toHaveLength(1)
      expect(destinations[0]).toMatchObject({ port: 0, forwarding: "dr", weight: 1 })
    }
  })

  it("tells servers apart by address, forwarding and tunnel", () => {
    const gue = server(1, { forwarding: "tun", tunnel: { type: "gue", port: 5555 } })
    const tun = service({ check, servers: [gue], key: at(81) })
    const services = checkServices(director(web, tun))
    expect(services.table).toHaveLength(3)
    expect(markOf(services, tun, gue)).not.toBe(markOf(services, web, server(1)))
  })

  it("makes none for checks by the server's own address", () => {
    const direct = service({ check: { ...check, via: "address" } })
    expect(checkServices(director(direct, service())).table).toEqual([])
    expect(markOf(checkServices(director(web, direct)), direct, server(1))).toBeUndefined()
  })

  it("gives IPv6 servers IPv6 marks", () => {
    const six = service({ check, servers: [server(1, { address: "fd77::21" })] })
    expect(checkServices(director(six)).table[0]?.key).toMatchObject({ kind: "fwmark", family: 6 })
  })

  it("gives each server its own mark, and most keep theirs when the pool changes", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 2 }), (numbers) => {
        const of = (list: number[]) =>
          checkServices(director(service({ check, servers: list.map((n) => server(n)) }))).marks
        const before = of(numbers)
        const after = of(numbers.slice(1))
        expect(new Set(before.values()).size).toBe(numbers.length)
        const moved = [...after].filter(([name, mark]) => before.get(name) !== mark)
        expect(moved.length).toBeLessThanOrEqual(2)
      }),
    )
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { IpvsService, IpvsTable } from "../../src/model/ipvs.ts"
import { isCheckService, serviceName } from "../../src/model/ipvs.ts"
import { tableSteps } from "../../src/plan/ipvs-steps.ts"
import { FakeIpvs } from "../fakes/ipvs-kernel.ts"
import { destination, held, web } from "./samples.ts"

const destinations = fc
  .uniqueArray(
    fc.record({
      n: fc.integer({ min: 1, max: 6 }),
      weight: fc.constantFrom(0, 1, 1, 5),
      forwarding: fc.constantFrom("dr" as const, "nat" as const),
    }),
    { selector: ({ n }) => n, maxLength: 5 },
  )
  .map((list) =>
    list
      .sort((a, b) => a.n - b.n)
      .map(({ n, weight, forwarding }) => ({ ...destination(n, weight), forwarding })),
  )

const tables: fc.Arbitrary<IpvsTable> = fc
  .uniqueArray(
    fc.record({
      port: fc.integer({ min: 1, max: 5 }),
      scheduler: fc.constantFrom("rr", "wlc", "mh"),
      onePacket: fc.boolean(),
      persistent: fc.boolean(),
      destinations,
    }),
    { selector: ({ port }) => port, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ port, persistent, ...rest }): IpvsService => ({
      ...held([], port),
      ...rest,
      ...(persistent ? { persistence: { timeoutSeconds: 50, prefixLength: 32 } } : {}),
    })),
  )

const all = new Set([1, 2, 3, 4, 5].map((port) => `tcp 192.0.2.10:${port}`))

function sorted(table: IpvsTable): IpvsTable {
  return [...table].sort((a, b) => (serviceName(a.key) < serviceName(b.key) ? -1 : 1))
}

function serves(table: IpvsTable, name: string): boolean {
  const found = table.find((service) => serviceName(service.key) === name)
  return found?.destinations.some(({ weight }) => weight > 0) ?? false
}

describe("tableSteps", () => {
  it("turns any table into any other, and then has nothing left to do", () => {
    fc.assert(
      fc.property(tables, tables, (wanted, actual) => {
        const kernel = new FakeIpvs(actual)
        expect(kernel.apply(tableSteps(wanted, actual, all))).toEqual([])
        expect(sorted(kernel.table)).toEqual(sorted(wanted))
        expect(tableSteps(wanted, kernel.table, all)).toEqual([])
      }),
    )
  })

  it("never leaves a service without a server that had one before and has one after", () => {
    fc.assert(
      fc.property(tables, tables, (wanted, actual) => {
        const kernel = new FakeIpvs(actual)
        kernel.apply(tableSteps(wanted, actual, all))
        const kept = [...all].filter((name) => serves(actual, name) && serves(wanted, name))
        for (const between of kernel.history)
          for (const name of kept) expect(serves(between, name)).toBe(true)
      }),
    )
  })

  it("does not touch services that are neither wanted nor owned", () => {
    fc.assert(
      fc.property(tables, tables, (wanted, actual) => {
        const kernel = new FakeIpvs(actual)
        kernel.apply(tableSteps(wanted, actual, new Set()))
        const names = new Set(wanted.map((service) => serviceName(service.key)))
        const strangers = (table: IpvsTable) =>
          sorted(table.filter((service) => !names.has(serviceName(service.key))))
        expect(strangers(kernel.table)).toEqual(strangers(actual))
      }),
    )
  })

  it("takes away private check services that nobody needs any more", () => {
    const old = { ...held([]), key: { kind: "fwmark", fwmark: 0x6c620001, family: 4 } } as const
    expect(isCheckService(old.key)).toBe(true)
    expect(tableSteps([], [old], new Set())).toEqual([{ op: "remove-service", key: old.key }])
  })

  it("takes ipip for the tunnel that is not named, and flags in any order for the same", () => {
    const plain = held([{ ...destination(1), forwarding: "tun" }])
    const ipip = held([{ ...destination(1), forwarding: "tun", tunnel: { type: "ipip" } }])
    expect(tableSteps([plain], [ipip], new Set([web]))).toEqual([])
    const a = { ...held([]), flags: ["mh-port", "mh-fallback"] } as const
    const b = { ...held([]), flags: ["mh-fallback", "mh-port"] } as const
    expect(tableSteps([a], [b], new Set())).toEqual([])
  })
})

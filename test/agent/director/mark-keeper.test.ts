import { beforeEach, describe, expect, it } from "vitest"
import { MarkKeeper } from "../../../src/agent/director/mark-keeper.ts"
import type { MarkRule } from "../../../src/model/mark-rules.ts"
import { FakeStore } from "../../fakes/agent-store.ts"
import { FakeMarkTables } from "../../fakes/mark-tables.ts"

const web: MarkRule = { fwmark: 12, address: "192.0.2.10", protocol: "tcp", first: 80, last: 80 }
const ssh: MarkRule = { fwmark: 13, address: "2001:db8::10", protocol: "tcp", first: 22, last: 22 }
const none: ReadonlySet<string> = new Set()

let tables: FakeMarkTables
let store: FakeStore
let keeper: MarkKeeper

beforeEach(() => {
  tables = new FakeMarkTables()
  store = new FakeStore()
  keeper = new MarkKeeper(tables, store)
})

describe("MarkKeeper", () => {
  it("does not even look at the packet filter where nothing is or was marked", () => {
    expect(keeper.settle([], none)).toEqual([])
    expect(keeper.held()).toBeUndefined()
    expect(tables.reads).toBe(0)
    expect(keeper.busy).toBe(false)
  })

  it("keeps each family's rules in its own table, and records that it does", () => {
    expect(keeper.settle([web, ssh], none)).toEqual([])
    expect(keeper.held()).toEqual({ rules: [web, ssh], intact: true })
    expect(store.record.marks).toEqual([4, 6])
    keeper.settle([ssh], none)
    expect(tables.read(4)).not.toContain("LBCTL")
    expect(store.record.marks).toEqual([6])
    keeper.settle([], none)
    expect(store.record.marks).toBeUndefined()
    expect(keeper.held()).toBeUndefined()
  })

  it("writes nothing that is there", () => {
    keeper.settle([web], none)
    const written = tables.scripts.length
    keeper.settle([web], none)
    expect(keeper.mend()).toBe(0)
    expect(tables.scripts).toHaveLength(written)
  })

  it("finds what a former process made, and removes it", () => {
    keeper.settle([web], none)
    const next = new MarkKeeper(tables, store)
    expect(next.held()?.rules).toEqual([web])
    next.settle([], none)
    expect(tables.read(4)).not.toContain("LBCTL")
  })

  it("puts back what a reload of the firewall flushed", () => {
    keeper.settle([web], none)
    tables.flush(4)
    expect(keeper.held()).toEqual({ rules: [], intact: true })
    expect(keeper.mend()).toBe(1)
    expect(keeper.held()?.rules).toEqual([web])
  })

  it("tells rules that packets do not come by as missing, and a changed chain as not intact", () => {
    keeper.settle([web], none)
    tables.rules("PREROUTING").splice(0)
    expect(keeper.held()).toEqual({ rules: [], intact: false })
    keeper.mend()
    tables.rules("LBCTL-MARK").push("-j RETURN")
    expect(keeper.held()).toEqual({ rules: [web], intact: false })
  })

  it("makes nothing that is not recorded on disk, and warns", () => {
    store.full = true
    expect(keeper.settle([web], none)).toEqual([
      "marking rules for IPv4: ENOSPC: no space left on device, write",
    ])
    expect(tables.scripts).toEqual([])
    store.full = false
    keeper.mend()
    expect(keeper.warnings).toEqual([])
    expect(keeper.held()?.rules).toEqual([web])
  })

  it("warns where iptables is missing, and goes on trying", () => {
    tables.missing = true
    expect(keeper.settle([web], none)[0]).toContain("not installed")
    expect(keeper.busy).toBe(true)
    tables.missing = false
    keeper.mend()
    expect(keeper.warnings).toEqual([])
  })

  it("leaves the rules of a service that is set aside", () => {
    const other = { ...web, fwmark: 14, first: 443, last: 443 }
    keeper.settle([web, other], none)
    keeper.settle([web], new Set(["fwmark 14"]))
    expect(keeper.held()?.rules).toEqual([web, other])
    keeper.settle([], "all")
    expect(keeper.held()?.rules).toEqual([web, other])
    keeper.settle([], none)
    expect(tables.read(4)).not.toContain("LBCTL")
  })
})

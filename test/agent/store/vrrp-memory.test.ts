import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  openVrrpMemory,
  remembersRouters,
  type VrrpRecord,
} from "../../../src/agent/store/vrrp-memory.ts"

let folder: string
beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), "vrrp-memory-")), "vrrp")))
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }))

const record: VrrpRecord = {
  format: 1,
  orders: [],
  made: [{ instance: "tokyo", interface: "eth0", addresses: ["10.0.0.100", "fd00::100"] }],
}

describe("the memory of VRRP processes", () => {
  it("keeps the record for the next one", () => {
    expect(remembersRouters(folder)).toBe(false)
    openVrrpMemory(folder).save(record)
    expect(remembersRouters(folder)).toBe(true)
    expect(openVrrpMemory(folder).record()).toEqual(record)
  })

  it("keeps when an instance was last heard as master, and forgets it", () => {
    const memory = openVrrpMemory(folder)
    expect(memory.sentAtMs("tokyo")).toBeUndefined()
    memory.markSent("tokyo", 12_345.678)
    expect(openVrrpMemory(folder).sentAtMs("tokyo")).toBe(12_345.678)
    memory.markSent("tokyo", undefined)
    memory.markSent("tokyo", undefined)
    expect(memory.sentAtMs("tokyo")).toBeUndefined()
  })

  it.each(["", "{", '{"format":1}', '{"format":2,"orders":[],"made":[]}'])(
    "takes a damaged record for an empty one: %s",
    (text) => {
      const memory = openVrrpMemory(folder)
      memory.save(record)
      writeFileSync(join(folder, "record.json"), text)
      expect(memory.record()).toEqual({ format: 1, orders: [], made: [] })
    },
  )
})

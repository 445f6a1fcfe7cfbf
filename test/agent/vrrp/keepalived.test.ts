import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { keepalivedPid, pendingSignals } from "../../../src/agent/vrrp/keepalived.ts"

describe("pendingSignals", () => {
  it("reads those of the thread and of the process", () => {
    const status =
      "Name:\tkeepalived\nSigPnd:\t0000000000000001\nShdPnd:\t0000000000004000\nSigBlk:\t0000000000000200\n"
    expect([...pendingSignals(status)]).toEqual([1, 15])
  })

  it("finds none where none is, or no process", () => {
    const none = "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n"
    expect([...pendingSignals(none), ...pendingSignals("")]).toEqual([])
  })
})

describe("keepalivedPid", () => {
  it("takes no process of another name for keepalived", () => {
    const folder = mkdtempSync(join(tmpdir(), "lbagent-pid-"))
    const file = join(folder, "checkers.pid")
    writeFileSync(file, `${process.pid}\n`)
    expect(keepalivedPid([file, join(folder, "missing")])).toBeUndefined()
    rmSync(folder, { recursive: true })
  })
})

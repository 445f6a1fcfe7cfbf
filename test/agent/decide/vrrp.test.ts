import { describe, expect, it } from "vitest"
import type { Demotion } from "../../../src/agent/decide/vrrp.ts"
import {
  demotionOf,
  startDemotion,
  stepDemotion,
  trackedValue,
  vrrpState,
} from "../../../src/agent/decide/vrrp.ts"
import { wantedDaemons } from "../../../src/agent/decide/sync.ts"

const vrrp = { advertIntervalMs: 1000 }
const priorities = { defined: 150, wanted: 150, lowestPeer: 100 }

describe("vrrpState", () => {
  it.each([
    [true, true, true, "MASTER"],
    [true, false, true, "BACKUP"],
    [true, false, false, "FAULT"],
    [false, true, true, "STOPPED"],
    [false, false, true, "STOPPED"],
  ] as const)(
    "keepalived runs %s, anchor held %s, own address held %s: %s",
    (keepalivedRuns, anchorHeld, sourceHeld, state) => {
      expect(vrrpState({ keepalivedRuns, anchorHeld, sourceHeld })).toBe(state)
    },
  )
})

describe("a handover without preempt", () => {
  it("puts the instance in FAULT, and lets it back three adverts after the anchor went", () => {
    let demotion = startDemotion({ preempt: false })
    expect(trackedValue(demotion, priorities)).toBe(-254)
    demotion = stepDemotion(demotion, "MASTER", vrrp, 9000)
    demotion = stepDemotion(demotion, "BACKUP", vrrp, 10_000)
    demotion = stepDemotion(demotion, "BACKUP", vrrp, 12_999)
    expect(demotion.kind).toBe("releasing")
    demotion = stepDemotion(demotion, "BACKUP", vrrp, 13_000)
    expect(trackedValue(demotion, priorities)).toBe(0)
  })
})

describe("a handover with preempt", () => {
  const lowered = startDemotion({ preempt: true })

  it("starts from the priority that an operator gave, and goes below it alone where that is low already", () => {
    expect(trackedValue({ kind: "none" }, { ...priorities, wanted: 90 })).toBe(-60)
    expect(trackedValue({ kind: "none" }, { ...priorities, wanted: 200 })).toBe(50)
    expect(trackedValue(lowered, { ...priorities, wanted: 200 })).toBe(-51)
    expect(trackedValue(lowered, { ...priorities, wanted: 90 })).toBe(-60)
  })

  it("lowers the priority below the lowest peer's, and never raises it", () => {
    expect(trackedValue(lowered, priorities)).toBe(-51)
    expect(trackedValue(lowered, { defined: 50, wanted: 50, lowestPeer: 100 })).toBe(0)
    expect(trackedValue(lowered, { ...priorities, lowestPeer: 1 })).toBe(-149)
  })

  it("lasts while a peer is MASTER, and ends when this one becomes it again", () => {
    const early = stepDemotion(lowered, "MASTER", vrrp, 1)
    expect(early.kind).toBe("lowered")
    const backup = stepDemotion(early, "BACKUP", vrrp, 2)
    expect(stepDemotion(backup, "BACKUP", vrrp, 99_999)).toEqual(backup)
    expect(stepDemotion(backup, "MASTER", vrrp, 3)).toEqual({ kind: "none" })
  })
})

describe("demotionOf", () => {
  it.each([
    [0, 0, "none"],
    [-51, 0, "lowered"],
    [-51, -51, "none"],
    [-60, -51, "lowered"],
    [-20, 30, "lowered"],
    [-254, 0, "releasing"],
    [-254, -253, "releasing"],
  ] as const)("reads %i over a base of %i as %s", (value, base, kind) => {
    expect(demotionOf(value, base).kind satisfies Demotion["kind"]).toBe(kind)
  })
})

describe("wantedDaemons", () => {
  const sync = { instance: "tokyo", interface: "eth1", id: 51 }

  it("sends on the MASTER and receives everywhere else", () => {
    const state = { connectionSync: [sync] }
    const role = (now: "MASTER" | "BACKUP" | "STOPPED") =>
      wantedDaemons(state, new Map([["tokyo", now]]))
    expect(role("MASTER")).toEqual([{ role: "master", interface: "eth1", syncId: 51 }])
    expect(role("BACKUP")).toEqual([{ role: "backup", interface: "eth1", syncId: 51 }])
    expect(role("STOPPED")).toEqual([{ role: "backup", interface: "eth1", syncId: 51 }])
  })

  it("runs one daemon of each role, the first instance's", () => {
    const state = { connectionSync: [sync, { ...sync, instance: "osaka", id: 52 }] }
    expect(wantedDaemons(state, new Map()).map(({ syncId }) => syncId)).toEqual([51])
  })
})

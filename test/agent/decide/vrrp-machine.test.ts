import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  resumeMaster,
  routerDueMs,
  silentRouter,
  stepRouter,
  type RouterEvent,
  type RouterSettings,
  type RouterState,
} from "../../../src/agent/decide/vrrp-machine.ts"
import { masterDownMs, skewMs } from "../../../src/agent/decide/vrrp-timers.ts"

const settings: RouterSettings = {
  priority: 100,
  advertIntervalMs: 1000,
  preempt: true,
  preemptDelayMs: 0,
  source: "10.0.0.2",
  announceEveryMs: 5000,
}
const nopreempt = { ...settings, preempt: false }
const downMs = 3000 + (156 * 1000) / 256

const advert = (priority: number, source = "10.0.0.3", advertIntervalMs = 1000): RouterEvent => ({
  type: "advert",
  priority,
  advertIntervalMs,
  source,
})
const tick: RouterEvent = { type: "tick" }
const backup = stepRouter(settings, silentRouter, { type: "startup" }, 0)[0]
const [master, takeover] = stepRouter(settings, backup, tick, downMs)

/** The state after the events, each at its time, and what was wanted at the last. */
function after(
  own: RouterSettings,
  state: RouterState,
  ...events: readonly (readonly [number, RouterEvent])[]
): { kind: string; actions: readonly string[]; state: RouterState } {
  let actions: readonly string[] = []
  for (const [nowMs, event] of events) {
    const [next, wanted] = stepRouter(own, state, event, nowMs)
    state = next
    actions = wanted.map((one) => (one.type === "send" ? `send ${one.priority}` : one.type))
  }
  return { kind: state.kind, actions, state }
}

describe("timers", () => {
  it("follow RFC 9568 section 6.1", () => {
    expect(skewMs(100, 1000)).toBe(609.375)
    expect(masterDownMs(100, 1000)).toBe(3609.375)
    expect(masterDownMs(254, 100)).toBe(300.78125)
  })

  const corpus = join(import.meta.dirname, "../../../../shared/corpus/seesaw/expected/vrrp.json")
  it.skipIf(!existsSync(corpus))("are Seesaw's, of the corpus", () => {
    const { masterDownIntervals } = JSON.parse(readFileSync(corpus, "utf8")) as {
      masterDownIntervals: {
        priority: number
        advertIntervalMs: number
        masterDownIntervalUs: number
      }[]
    }
    expect(masterDownIntervals.length).toBeGreaterThan(20)
    for (const { priority, advertIntervalMs, masterDownIntervalUs } of masterDownIntervals)
      expect(Math.floor(masterDownMs(priority, advertIntervalMs) * 1000)).toBe(masterDownIntervalUs)
  })
})

describe("a router that is silent", () => {
  it("starts as backup that waits for a whole interval", () => {
    expect(backup.kind).toBe("backup")
    expect(routerDueMs(backup)).toBe(downMs)
  })

  it("starts as master when it owns the addresses", () => {
    const owner = { ...settings, priority: 255 }
    expect(after(owner, silentRouter, [0, { type: "startup" }])).toMatchObject({
      kind: "master",
      actions: ["send 255", "acquire", "announce"],
    })
  })

  it("hears nothing and is never due", () => {
    expect(after(settings, silentRouter, [0, advert(1)], [9e9, tick]).kind).toBe("init")
    expect(routerDueMs(silentRouter)).toBeUndefined()
  })
})

describe("a backup", () => {
  it("takes over when its master was silent for the whole interval, and not before", () => {
    expect(after(settings, backup, [downMs - 1, tick]).kind).toBe("backup")
    expect(takeover.map(({ type }) => type)).toEqual(["send", "acquire", "announce"])
  })

  it("takes over after its skew when the master resigns", () => {
    const resigned = after(settings, backup, [100, advert(0)]).state
    expect(routerDueMs(resigned)).toBe(100 + 609.375)
  })

  it("learns the interval from its master", () => {
    const slow = after(settings, backup, [100, advert(200, "10.0.0.3", 3000)]).state
    expect(routerDueMs(slow)).toBe(100 + 9000 + (156 * 3000) / 256)
  })

  it.each([
    [settings, 99, false],
    [settings, 100, true],
    [settings, 101, true],
    [nopreempt, 1, true],
    [nopreempt, 255, true],
  ])("with preempt $preempt heeds an advert by priority", (own, priority, heeded) => {
    const heard = after(own, backup, [500, advert(priority)]).state
    expect(routerDueMs(heard)).toBe(heeded ? 500 + downMs : downMs)
  })

  it("lets a lesser master be until the delay of preemption is over", () => {
    const patient = { ...settings, preemptDelayMs: 5000 }
    const lesser = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000].map(
      (at) => [at, advert(50)] as const,
    )
    expect(routerDueMs(after(patient, backup, ...lesser.slice(0, 5)).state)).toBe(5000 + downMs)
    expect(routerDueMs(after(patient, backup, ...lesser).state)).toBe(5000 + downMs)
    const greater = [5500, advert(200)] as const
    const anew = after(patient, backup, ...lesser.slice(0, 5), greater, ...lesser.slice(5))
    expect(routerDueMs(anew.state)).toBe(9000 + downMs)
  })

  it("ends without a word", () => {
    expect(after(settings, backup, [1, { type: "shutdown" }])).toMatchObject({
      kind: "init",
      actions: [],
    })
  })
})

describe("a master", () => {
  const at = downMs

  it("advertises at its interval, and lateness does not add up", () => {
    const late = after(settings, master, [at + 1007, tick])
    expect(late.actions).toEqual(["send 100", "announce"])
    expect(routerDueMs(late.state)).toBe(at + 2000)
    expect(after(settings, late.state, [at + 1500, tick]).actions).toEqual([])
  })

  it("does not send in a burst what it missed", () => {
    const stalled = after(settings, master, [at + 60_000, tick]).state
    expect(after(settings, stalled, [at + 60_001, tick]).actions).toEqual([])
  })

  it("announces its addresses again and again", () => {
    const announced = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 11_000].map(
      (_, index, all) =>
        after(settings, master, ...all.slice(0, index + 1).map((one) => [at + one, tick] as const))
          .actions,
    )
    expect(announced.map((actions) => actions.includes("announce"))).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
      false,
      true,
    ])
  })

  it.each([
    [0, "10.0.0.3", "master"],
    [99, "10.0.0.3", "master"],
    [100, "10.0.0.1", "master"],
    [100, "10.0.0.3", "backup"],
    [100, "10.0.0.10", "backup"],
    [101, "10.0.0.1", "backup"],
  ])("that hears priority %i of %s is %s", (priority, source, kind) => {
    for (const own of [settings, nopreempt]) {
      const heard = after(own, master, [at + 10, advert(priority, source)])
      expect(heard).toMatchObject({
        kind,
        actions: kind === "backup" ? ["release"] : ["send 100"],
      })
    }
  })

  it("tells routers again where the addresses are after it heard a lesser master", () => {
    const calm = after(settings, master, [at + 1000, tick]).state
    const heard = after(settings, calm, [at + 1500, advert(50)]).state
    expect(after(settings, heard, [at + 2499, tick]).actions).not.toContain("announce")
    expect(after(settings, heard, [at + 2500, tick]).actions).toContain("announce")
  })

  it("that was stopped for long yields to who took over, unless it preempts or owns", () => {
    const woken = [at + 20_000, advert(50)] as const
    expect(after(nopreempt, master, woken)).toMatchObject({ kind: "backup", actions: ["release"] })
    expect(after(settings, master, woken).kind).toBe("master")
    expect(after({ ...nopreempt, priority: 255 }, master, woken).kind).toBe("master")
  })

  it("takes no notice of its own adverts", () => {
    expect(after(settings, master, [at + 10, advert(200, settings.source)])).toMatchObject({
      kind: "master",
      actions: [],
    })
  })

  it("gives up its addresses before it lets the peer have them", () => {
    expect(after(settings, master, [at, { type: "shutdown" }])).toMatchObject({
      kind: "init",
      actions: ["release", "send 0"],
    })
  })

  it("of a former process goes on at once", () => {
    const [state, actions] = resumeMaster(settings, 7)
    expect(state.kind).toBe("master")
    expect(actions.map(({ type }) => type)).toEqual(["send", "acquire", "announce"])
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  routerDueMs,
  silentRouter,
  stepRouter,
  type RouterEvent,
  type RouterSettings,
  type RouterState,
} from "../../../src/agent/decide/vrrp-machine.ts"
import { masterDownMs } from "../../../src/agent/decide/vrrp-timers.ts"

/** Longer than any frame takes. */
const latencyMs = 2

/** Routers on one segment on which no frame is lost but those between parted routers. Time goes by in whole milliseconds. */
class Network {
  nowMs = 0
  /** Most masters at once at any time since it was last set. */
  greatest = 0
  readonly #settings: readonly RouterSettings[]
  readonly #states: RouterState[]
  readonly #alive = new Set<number>()
  #frames: { readonly atMs: number; readonly to: number; readonly event: RouterEvent }[] = []
  parted = false

  constructor(settings: readonly RouterSettings[]) {
    this.#settings = settings
    this.#states = settings.map(() => silentRouter)
  }

  boot(index: number): void {
    this.#alive.add(index)
    this.#states[index] = silentRouter
    this.#step(index, { type: "startup" })
  }

  /** Power loss: no word of farewell. */
  kill(index: number): void {
    this.#alive.delete(index)
    this.#states[index] = silentRouter
  }

  stop(index: number): void {
    if (!this.#alive.has(index)) return
    this.#step(index, { type: "shutdown" })
    this.#alive.delete(index)
  }

  run(forMs: number): void {
    const end = this.nowMs + Math.ceil(forMs)
    for (; this.nowMs <= end; this.nowMs++) {
      const due = this.#frames.filter(({ atMs }) => atMs <= this.nowMs)
      this.#frames = this.#frames.filter(({ atMs }) => atMs > this.nowMs)
      for (const { to, event } of due) if (this.#alive.has(to)) this.#step(to, event)
      for (const index of this.#alive) {
        const dueMs = routerDueMs(this.#states[index] ?? silentRouter)
        if (dueMs !== undefined && dueMs <= this.nowMs) this.#step(index, { type: "tick" })
      }
      this.greatest = Math.max(this.greatest, this.masters.length)
    }
  }

  get masters(): number[] {
    return [...this.#alive].filter((index) => this.#states[index]?.kind === "master")
  }

  get alive(): number[] {
    return [...this.#alive]
  }

  #step(index: number, event: RouterEvent): void {
    const settings = this.#settings[index]
    const before = this.#states[index]
    if (settings === undefined || before === undefined) throw new Error(`no router ${index}`)
    const [after, actions] = stepRouter(settings, before, event, this.nowMs)
    this.#states[index] = after
    for (const action of actions) {
      if (action.type !== "send") continue
      const { priority } = action
      const { advertIntervalMs, source } = settings
      for (const to of this.#alive)
        if (to !== index && !this.parted)
          this.#frames.push({
            atMs: this.nowMs + 1 + ((index + to) % latencyMs),
            to,
            event: { type: "advert", priority, advertIntervalMs, source },
          })
    }
  }
}

const advertIntervalMs = fc.constantFrom(50, 100, 250)
const preempt = fc.boolean()
const routers = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 254 }), { minLength: 2, maxLength: 3 }),
    advertIntervalMs,
    preempt,
  )
  .map(([priorities, interval, preempts]) =>
    priorities.map((priority, index): RouterSettings => ({
      priority,
      advertIntervalMs: interval,
      preempt: preempts,
      preemptDelayMs: 0,
      source: `10.0.0.${index + 1}`,
      announceEveryMs: 1000,
    })),
  )

function intervalOf(settings: readonly RouterSettings[]): number {
  return settings[0]?.advertIntervalMs ?? 0
}

/** Elections of all, one after the other at worst, and a conflict resolved at the next advert. */
function settledMs(settings: readonly RouterSettings[]): number {
  return 10 * intervalOf(settings)
}

function started(settings: readonly RouterSettings[]): Network {
  const network = new Network(settings)
  for (const index of settings.keys()) network.boot(index)
  network.run(settledMs(settings))
  return network
}

function best(settings: readonly RouterSettings[], among: readonly number[]): number | undefined {
  const priority = (index: number) => settings[index]?.priority ?? 0
  return among.toSorted((a, b) => priority(b) - priority(a) || b - a)[0]
}

describe("routers on one segment", () => {
  it("have one master once timers settled, the best when all start at once", () => {
    fc.assert(
      fc.property(routers, (settings) => {
        const network = started(settings)
        expect(network.masters).toEqual([best(settings, network.alive)])
      }),
    )
  })

  it("take over within three adverts and the skew when their master loses power", () => {
    fc.assert(
      fc.property(routers, fc.integer({ min: 0, max: 249 }), (settings, phase) => {
        const network = started(settings)
        network.run(phase)
        const [master = -1] = network.masters
        network.kill(master)
        const heirs = network.alive.map((index) => settings[index]?.priority ?? 0)
        network.run(masterDownMs(Math.max(...heirs), intervalOf(settings)) + latencyMs)
        expect(network.masters.length).toBeGreaterThan(0)
        network.run(2 * intervalOf(settings))
        expect(network.masters).toEqual([best(settings, network.alive)])
      }),
    )
  })

  it("take over within the skew when their master stops", () => {
    fc.assert(
      fc.property(
        routers.filter((all) => new Set(all.map(({ priority }) => priority)).size === all.length),
        (settings) => {
          const network = started(settings)
          const [master = -1] = network.masters
          network.stop(master)
          network.run(intervalOf(settings) + latencyMs)
          expect(network.masters.length).toBeGreaterThan(0)
          network.run(2 * intervalOf(settings))
          expect(network.masters).toEqual([best(settings, network.alive)])
        },
      ),
    )
  })

  it("come back to one master whatever fails and returns, with preempt to the best", () => {
    const fault = fc.record({
      kind: fc.constantFrom("boot", "kill", "stop", "part", "heal"),
      who: fc.nat(2),
      thenMs: fc.nat(1500),
    })
    fc.assert(
      fc.property(routers, fc.array(fault, { maxLength: 8 }), (settings, faults) => {
        const network = started(settings)
        for (const { kind, who, thenMs } of faults) {
          const index = who % settings.length
          if (kind === "boot" && !network.alive.includes(index)) network.boot(index)
          if (kind === "kill") network.kill(index)
          if (kind === "stop") network.stop(index)
          if (kind === "part" || kind === "heal") network.parted = kind === "part"
          network.run(thenMs)
        }
        network.parted = false
        network.run(settledMs(settings))
        const { alive, masters } = network
        expect(masters.length).toBe(alive.length === 0 ? 0 : 1)
        if (settings[0]?.preempt === true && alive.length > 0)
          expect(settings[masters[0] ?? -1]?.priority).toBe(
            settings[best(settings, alive) ?? -1]?.priority,
          )
      }),
    )
  })

  it("without preempt leave the addresses where they are when a better one returns", () => {
    fc.assert(
      fc.property(routers, (all) => {
        const settings = all.map((one) => ({ ...one, preempt: false }))
        const network = started(settings)
        const [first = -1] = network.masters
        network.kill(first)
        network.run(settledMs(settings))
        const [second] = network.masters
        network.greatest = 0
        network.boot(first)
        network.run(settledMs(settings))
        expect(network.masters).toEqual([second])
        expect(network.greatest).toBe(1)
      }),
    )
  })
})

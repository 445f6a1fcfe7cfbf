import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { rememberedServer, stepHealth, unaskedServer } from "../../../src/agent/decide/health.ts"
import { limitsOf, nextQuorum } from "../../../src/plan/ipvs-quorum.ts"
import type { QuorumState } from "../../../src/plan/ipvs-runtime.ts"

/** What the real Seesaw did (its own output); not part of this project. */
const corpus = join(import.meta.dirname, "../../../../shared/corpus/seesaw/expected")

interface StateCase {
  readonly results: string
  readonly retries: number
  readonly stateAfterEach: readonly ("Healthy" | "Unhealthy")[]
}

interface Destination {
  readonly enabled: boolean
  readonly healthy: boolean
}

interface Scenario {
  readonly desc: string
  readonly steps: readonly {
    readonly state: {
      readonly services?: Readonly<
        Record<
          string,
          { readonly healthy: boolean; readonly dests: Readonly<Record<string, Destination>> }
        >
      >
    }
  }[]
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(`${corpus}/${file}`, "utf8")) as T
}

const present = existsSync(corpus)

describe.skipIf(!present)("as Seesaw judges a server by its answers", () => {
  const { cases } = present
    ? read<{ readonly cases: readonly StateCase[] }>("check-state.json")
    : { cases: [] }

  it.each(cases)("$results with $retries retries", ({ results, retries, stateAfterEach }) => {
    let memory = unaskedServer(false, 0)
    const states = results.split("").map((sign, index) => {
      const outcome = { ok: sign === "+", message: "" }
      memory = stepHealth(memory, outcome, { retries, rise: 1 }, index + 1)
      return memory.state === "up" ? "Healthy" : "Unhealthy"
    })
    expect(states).toEqual(stateAfterEach)
  })

  it("but forgives a server that the kernel held before the first answer its retries too", () => {
    const failed = { ok: false, message: "" }
    for (const held of [unaskedServer(true, 0), rememberedServer("up", "", 0)])
      expect(stepHealth(held, failed, { retries: 1, rise: 1 }, 1).state).not.toBe("down")
  })
})

/** Watermarks of the corpus's services (fixtures/extra/eng_wm_*.pb), by the scenario's words. */
const marks = new Map([
  ["watermarks low 0.49 high 0.51, two backends", { low: 0.49, high: 0.51 }],
  ["low watermark 0.5 only (high follows), two backends", { low: 0.5, high: 0.5 }],
  ["hysteresis low 0.3 high 0.6, ten backends, up, down, up", { low: 0.3, high: 0.6 }],
  [
    "unicast: VIP and firewall exist before health; service appears with first healthy backend; disappears with last",
    { low: 0, high: 0 },
  ],
])

describe.skipIf(!present)("as Seesaw judges a service by its watermarks", () => {
  const { scenarios } = present
    ? read<{ readonly scenarios: readonly Scenario[] }>("engine-scenarios.json")
    : { scenarios: [] }

  it.each([...marks])("%s", (words, watermark) => {
    const scenario = scenarios.find(({ desc }) => desc === words)
    expect(scenario).toBeDefined()
    const seen = new Set<string>()
    let state: QuorumState = "down"
    for (const { state: after } of scenario?.steps ?? []) {
      for (const { healthy, dests } of Object.values(after.services ?? {})) {
        const all = Object.values(dests)
        const taking = all.filter((one) => one.enabled && one.healthy).length
        const limits = limitsOf({ quorum: { up: 1, hysteresis: 0 }, watermark }, all.length)
        state = nextQuorum(limits, state, { taking, waiting: 0, total: all.length }) ?? "down"
        expect(state).toBe(healthy ? "up" : "down")
        seen.add(state)
      }
    }
    expect([...seen].sort()).toEqual(["down", "up"])
  })
})

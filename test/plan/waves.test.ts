import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseShare } from "../../src/core/share.ts"
import { phases, type Phase } from "../../src/model/plan.ts"
import { defaultPolicy, type RolloutPolicy } from "../../src/model/rollout.ts"
import { hostsOf, type Wave } from "../../src/model/wave.ts"
import { wavesOf, type RolloutPolicies } from "../../src/plan/waves.ts"
import { anyPlan, anyPolicies, step } from "./rollouts.ts"

const servers = (count: number, phase: Phase, cluster = "c1") =>
  Array.from({ length: count }, (_, index) => step(`${cluster}-rs${index + 1}`, phase, { cluster }))

const sizes = (waves: readonly Wave[]) => waves.map((wave) => hostsOf(wave).length)

const serial = (text: string) => text.split(",").flatMap((size) => parseShare(size) ?? [])

const clusters = (policies: Readonly<Record<string, Partial<RolloutPolicy>>>): RolloutPolicies => ({
  clusters: new Map(
    Object.entries(policies).map(([name, own]) => [name, { ...defaultPolicy, ...own }]),
  ),
  choice: {},
})

describe("the waves of a plan", () => {
  it("are its phases, where nothing else is asked for", () => {
    const plan = [...servers(3, "gain"), step("lb2", "backup"), step("lb1", "master")]
    const waves = wavesOf(plan, { clusters: new Map(), choice: {} })
    expect(waves.map((wave) => [wave.phase, hostsOf(wave).length])).toEqual([
      ["gain", 3],
      ["backup", 1],
      ["master", 1],
    ])
  })

  it.each([
    ["1", 4, [1, 1, 1, 1]],
    ["3", 10, [3, 3, 3, 1]],
    ["25%", 10, [2, 2, 2, 2, 2]],
    ["1,25%,100%", 20, [1, 5, 14]],
    ["1,2", 6, [1, 2, 2, 1]],
  ])("with serial %s of %i hosts hold %j", (text, count, expected) => {
    const choice = { serial: serial(text) }
    expect(sizes(wavesOf(servers(count, "gain"), { clusters: new Map(), choice }))).toEqual(
      expected,
    )
  })

  it("count the command line's serial over the fleet, that of clusters.yml in its cluster", () => {
    const plan = [...servers(2, "gain", "c1"), ...servers(2, "gain", "c2")]
    const choice = { serial: serial("1") }
    expect(sizes(wavesOf(plan, { clusters: new Map(), choice }))).toEqual([1, 1, 1, 1])
    expect(sizes(wavesOf(plan, clusters({ c1: choice, c2: choice })))).toEqual([2, 2])
    expect(sizes(wavesOf(plan, clusters({ c1: choice })))).toEqual([3, 1])
  })

  it("count the command line's limit over the wave, that of clusters.yml in its cluster", () => {
    const plan = [...servers(2, "gain", "c1"), ...servers(2, "gain", "c2")]
    const [own] = wavesOf(plan, clusters({ c1: { maxFail: { percent: 50 } } }))
    expect(own?.batches.map((batch) => batch.maxFail)).toEqual([{ percent: 50 }, { percent: 0 }])
    const choice = { maxFail: { hosts: 1 } }
    const [all] = wavesOf(plan, { clusters: new Map(), choice })
    expect(all?.batches.map((batch) => batch.hosts.length)).toEqual([4])
  })

  it("begin with the canary, alone, though no master can be one", () => {
    const plan = [...servers(3, "gain"), step("lb2", "backup"), step("lb1", "master")]
    const choice = { canary: ["c1-rs2", "lb1"], soakMs: 5000 }
    const waves = wavesOf(plan, { clusters: new Map(), choice })
    expect(waves.map((wave) => [hostsOf(wave).length, wave.soakMs])).toEqual([
      [1, 5000],
      [2, undefined],
      [1, undefined],
      [1, undefined],
    ])
    expect(waves[0]?.batches[0]?.hosts).toEqual(["c1-rs2"])
  })
})

describe("the waves of any plan, however asked for", () => {
  const forAll = (check: (waves: readonly Wave[], plan: readonly { host: string }[]) => void) => {
    fc.assert(
      fc.property(anyPlan, anyPolicies, (plan, policies) => check(wavesOf(plan, policies), plan)),
    )
  }

  it("hold every step once", () => {
    fc.assert(
      fc.property(anyPlan, anyPolicies, (plan, policies) => {
        const steps = wavesOf(plan, policies).flatMap((wave) =>
          hostsOf(wave).map((host) => `${wave.phase} ${host}`),
        )
        expect(steps.sort()).toEqual(plan.map(({ phase, host }) => `${phase} ${host}`).sort())
      }),
    )
  })

  it("never go back to an earlier phase", () => {
    forAll((waves) => {
      const ranks = waves.map((wave) => phases.indexOf(wave.phase))
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    })
  })

  it("never change two directors of a cluster at once, so never all of them", () => {
    forAll((waves) => {
      for (const wave of waves.filter(({ phase }) => phase === "backup" || phase === "master")) {
        const named = hostsOf(wave).map((host) => host.replace(/-\d+$/, ""))
        expect(new Set(named).size).toBe(named.length)
      }
    })
  })

  it("never change directors and real servers at once", () => {
    forAll((waves) => {
      for (const wave of waves)
        expect(new Set(hostsOf(wave).map((host) => host.slice(0, 2))).size).toBe(1)
    })
  })

  it("change masters one at a time", () => {
    forAll((waves) => {
      for (const wave of waves.filter(({ phase }) => phase === "master"))
        expect(hostsOf(wave)).toHaveLength(1)
    })
  })

  it("put canaries before all others of their phase", () => {
    forAll((waves) => {
      for (const phase of phases) {
        const own = waves.filter((wave) => wave.phase === phase)
        const last = own.findLastIndex((wave) => wave.soakMs !== undefined)
        expect(own.slice(0, last + 1).every((wave) => wave.soakMs !== undefined)).toBe(true)
      }
    })
  })
})

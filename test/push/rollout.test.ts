import fc from "fast-check"
import { describe, expect, it } from "vitest"

import { Failure } from "../../src/core/failure.ts"
import { emptyBundle } from "../../src/cli/host-input.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import type { Event } from "../../src/model/event.ts"
import type { HostPlan, Phase, Plan } from "../../src/model/plan.ts"
import { phases } from "../../src/model/plan.ts"
import type { RolloutChoice } from "../../src/model/rollout.ts"
import { wavesOf } from "../../src/plan/waves.ts"
import { rollout } from "../../src/push/rollout.ts"
import type { RolloutInput, RolloutOptions } from "../../src/push/rollout-context.ts"
import { whyStop } from "../../src/push/stop-rule.ts"
import { rolloutDefaults } from "../../src/push/rollout-context.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import { vrrp } from "../plan/fixtures.ts"
import { step } from "../plan/rollouts.ts"
import type { FakeFleet, Fault } from "../fakes/node.ts"
import { fakeFleet, observedHost } from "../fakes/node.ts"

function turn(host: string, phase: Phase, extra: Partial<HostPlan> = {}): HostPlan {
  return step(host, phase, {
    gainedVips: phase === "gain" ? ["192.0.2.10"] : [],
    awaitDrained: phase === "lose" ? [{ service: "tcp 192.0.2.10:80", server: "10.0.0.9:80" }] : [],
    directors: ["lb1", "lb2"],
    ...extra,
  })
}

const bundle = (host: string): Bundle => ({
  ...emptyBundle(host),
  id: "new",
  ...(host.startsWith("lb") ? { agent: "a1" } : {}),
})

const wholeFleet = [
  turn("rs1", "gain"),
  turn("rs2", "gain"),
  turn("lb2", "backup"),
  turn("lb1", "master"),
  turn("rs9", "lose"),
  turn("old7", "teardown"),
]

async function run(
  hosts: readonly HostPlan[],
  fleet: FakeFleet,
  options: Partial<RolloutOptions> = {},
  change: Partial<RolloutInput> = {},
  choice: RolloutChoice = {},
) {
  const plan: Plan = {
    hosts,
    unchanged: [],
    unreachable: [],
    blocked: [],
    guards: [],
    warnings: [],
  }
  const names = [...new Set([...hosts.map((item) => item.host), "lb1", "lb2"])]
  const events: Event[] = []
  let count = 0
  const report = await rollout(
    {
      plan,
      waves: wavesOf(plan.hosts, { clusters: new Map(), choice }),
      bundles: new Map(names.map((name) => [name, bundle(name)])),
      observed: new Map(names.map((name) => [name, observedHost(name)])),
      node: (host) => fleet.node(host),
      remaining: () => [],
      hooks: {},
      handovers: new Map(),
      doubts: async () => [],
      script: "",
      who: { by: "me", from: "here", since: "now", run: "run1", what: "apply" },
      keep: { count: 10, maxAgeMs: 86_400_000 },
      agent: { id: "a1", files: [], executables: [] },
      segments: new Map([
        ["lb1", "eth0"],
        ["lb2", "eth0"],
      ]),
      transaction: () => `t${++count}`,
      ...change,
    },
    { ...rolloutDefaults, confirmSeconds: 0, ...options },
    (event) => events.push(event),
  )
  const outcomes = Object.fromEntries(report.hosts.map((item) => [item.host, item.outcome]))
  return { report, outcomes, events }
}

/** A director's step names the directors of its cluster. */
function peersOf<T extends { name: number; phase: Phase; cluster: string }>(
  { phase, cluster }: T,
  all: readonly T[],
): Partial<HostPlan> {
  if (phase !== "backup" && phase !== "master") return {}
  const peers = all.filter((item) => item.cluster === cluster && item.phase !== "gain")
  return { directors: peers.map((item) => `h${item.name}`) }
}

const masterOf = (instance: string, state: "MASTER" | "BACKUP" = "MASTER") => ({
  ...statusOfTable([]),
  vrrp: [{ instance, state, demoted: false }],
})

const order = (fleet: FakeFleet, word: string) =>
  fleet.log.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))

describe("a rollout", () => {
  it("stages everything first, then goes phase by phase and confirms every host", async () => {
    const fleet = fakeFleet()
    const { report, outcomes } = await run(wholeFleet, fleet)
    expect(report.exitCode).toBe(0)
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["changed"]))
    expect(order(fleet, "confirm")).toEqual(["rs1", "rs2", "lb2", "lb1", "rs9", "old7"])
    const lastStage = fleet.log.findLastIndex((line) => line.startsWith("stage "))
    expect(lastStage).toBeLessThan(fleet.log.findIndex((line) => line.startsWith("activate ")))
    expect(fleet.release("rs1")).toBe("new")
  })

  it("touches nothing anywhere when one host refuses its stage, and leaves no stage behind", async () => {
    const fleet = fakeFleet({ "stage lb1": "failed" })
    const { report, outcomes } = await run(wholeFleet, fleet)
    expect(order(fleet, "activate")).toEqual([])
    expect(outcomes).toMatchObject({ lb1: "failed", rs1: "skipped", lb2: "skipped" })
    expect(report.exitCode).toBe(1)
    for (const { host } of wholeFleet) expect(fleet.stages(host)).toEqual([])
  })

  it("installs the agent before it stages, and stops when there is none to install", async () => {
    const install = { agent: "a1", runtime: false }
    const fleet = fakeFleet()
    await run([turn("lb2", "backup", { install })], fleet)
    expect(fleet.log.slice(0, 2)).toEqual(["install lb2", "stage lb2"])
    const { outcomes } = await run(
      [turn("lb2", "backup", { install: { ...install, agent: "a2" } })],
      fakeFleet(),
    )
    expect(outcomes).toEqual({ lb2: "failed" })
  })

  it("asks a director for each gained VIP before it confirms", async () => {
    const fleet = fakeFleet()
    await run([turn("rs1", "gain")], fleet)
    expect(fleet.log).toEqual([
      "stage rs1",
      "activate rs1",
      "arp lb1",
      "confirm rs1",
      "observe rs1",
    ])
  })

  it("takes a real server back that answers ARP for a VIP, and leaves the directors alone", async () => {
    const answer = JSON.stringify([{ address: "192.0.2.10", macs: ["02:00:00:00:00:01"] }])
    const fleet = fakeFleet({}, { "lb1 arp": { code: 0, stdout: answer } })
    const { report, outcomes } = await run(wholeFleet, fleet)
    expect(outcomes).toMatchObject({
      rs1: "reverted",
      rs2: "changed",
      lb1: "skipped",
      lb2: "skipped",
    })
    expect(fleet.release("rs1")).toBe("old")
    expect(report.exitCode).toBe(8)
    expect(report.hosts.find((item) => item.host === "rs1")?.detail).toContain(
      "answers ARP for the VIP 192.0.2.10",
    )
  })

  it("takes no offence at the VIP's MAC of a director", async () => {
    const answer = JSON.stringify([{ address: "192.0.2.10", macs: ["02:00:00:00:00:fe"] }])
    const { report } = await run(
      [turn("rs1", "gain")],
      fakeFleet({}, { "lb1 arp": { code: 0, stdout: answer } }),
    )
    expect(report.exitCode).toBe(0)
  })

  it("asks the next director when one cannot be reached, and says so when none can", async () => {
    const fleet = fakeFleet({ "arp lb1": "unreachable" })
    expect((await run([turn("rs1", "gain")], fleet)).report.notices).toEqual([])
    expect(order(fleet, "arp")).toEqual(["lb1", "lb2"])
    const dead = fakeFleet({ "arp lb1": "unreachable", "arp lb2": "unreachable" })
    const { report } = await run([turn("rs1", "gain")], dead)
    expect(report.notices[0]?.message).toContain("nobody could verify")
  })

  it("does not take a VIP from a real server that a director has not drained", async () => {
    const fleet = fakeFleet(
      {},
      { "lb2 drained": { code: 1, stdout: "10.0.0.9:80 has 3 connections\n" } },
    )
    const { report, outcomes } = await run([turn("rs9", "lose")], fleet)
    expect(order(fleet, "drained").sort()).toEqual(["lb1", "lb2"])
    expect(order(fleet, "activate")).toEqual([])
    expect(outcomes).toEqual({ rs9: "failed" })
    expect(report.hosts[0]?.detail).toBe("lb2 has not drained it: 10.0.0.9:80 has 3 connections")
  })

  it("stops before the next phase when a host fails, and ends those in flight", async () => {
    const fleet = fakeFleet({ "activate rs1": "reverted" })
    const { report, outcomes } = await run(wholeFleet, fleet)
    expect(outcomes).toEqual({
      rs1: "reverted",
      rs2: "changed",
      lb1: "skipped",
      lb2: "skipped",
      rs9: "skipped",
      old7: "skipped",
    })
    expect(report.exitCode).toBe(8)
    for (const host of ["lb1", "lb2", "rs9", "old7"]) expect(fleet.stages(host)).toEqual([])
  })

  it.each([
    ["locked", 6],
    ["stale", 5],
    ["reverted", 7],
    ["failed", 7],
  ] as const)("ends with the code of a first host that is %s", async (code, exit) => {
    const { report } = await run(
      [turn("lb2", "backup"), turn("lb1", "master")],
      fakeFleet({ "activate lb2": code }),
    )
    expect(report.exitCode).toBe(exit)
  })

  it("takes the release back over the old connection when no new one can be made", async () => {
    const fleet = fakeFleet({ "confirm lb2": "unreachable" })
    const { report, outcomes } = await run([turn("lb2", "backup")], fleet)
    expect(outcomes).toEqual({ lb2: "reverted" })
    expect(fleet.release("lb2")).toBe("old")
    expect(report.exitCode).toBe(7)
  })

  it("knows a confirmation whose answer was lost", async () => {
    let attempts = 0
    const fleet = fakeFleet()
    const node = fleet.node("lb2")
    const confirm = node.confirm.bind(node)
    const lossy = {
      ...node,
      async confirm(transaction: string) {
        const how = await confirm(transaction)
        if (++attempts > 1) return how
        throw new Failure("unreachable", "the connection died")
      },
    }
    const { outcomes } = await run(
      [turn("lb2", "backup")],
      fleet,
      { confirmSeconds: 10 },
      { node: () => lossy },
    )
    // The fake calls its new release `new`, as the bundle's id.
    expect(outcomes).toEqual({ lb2: "changed" })
    expect(attempts).toBe(2)
  })

  it("says that a host reverts by itself when it cannot be reached any more", async () => {
    const faults: Record<string, Fault> = {
      "activate lb2": "unreachable",
      "revert lb2": "unreachable",
    }
    const { report, outcomes } = await run([turn("lb2", "backup")], fakeFleet(faults), {
      abort: AbortSignal.timeout(50),
    })
    expect(outcomes).toEqual({ lb2: "unreachable" })
    expect(report.exitCode).toBe(130)
  })

  it("fails a host that still has changes left after its confirmation", async () => {
    const left = [
      { kind: "sysctl", action: "edit", subject: "arp_ignore", meaning: "0 -> 1", risk: "none" },
    ] as const
    const { report, outcomes } = await run(
      [turn("rs1", "gain"), turn("lb2", "backup")],
      fakeFleet(),
      {},
      { remaining: () => left },
    )
    expect(outcomes).toEqual({ rs1: "failed", lb2: "skipped" })
    expect(report.hosts[0]?.detail).toContain("arp_ignore: 0 -> 1")
  })

  it("starts no further host after the first interrupt, and finishes those in flight", async () => {
    const stop = new AbortController()
    const fleet = fakeFleet({
      "activate lb2": async () => {
        stop.abort()
        await Promise.resolve()
      },
    })
    const { report, outcomes } = await run([turn("lb2", "backup"), turn("lb1", "master")], fleet, {
      stop: stop.signal,
    })
    expect(outcomes).toEqual({ lb2: "changed", lb1: "skipped" })
    expect(report.exitCode).toBe(130)
  })

  it.each(["stage", "activate", "arp", "confirm", "observe"])(
    "ends in a stated, safe state when it is interrupted once at the step %s",
    async (at) => {
      const stop = new AbortController()
      const place = at === "arp" ? "arp lb1" : `${at} rs1`
      const fleet = fakeFleet({
        [place]: async () => {
          stop.abort()
          await Promise.resolve()
        },
      })
      const { report, outcomes } = await run(wholeFleet, fleet, { parallel: 1, stop: stop.signal })
      expect(report.exitCode).toBe(130)
      expect(outcomes).toMatchObject({
        rs1: at === "stage" ? "skipped" : "changed",
        lb1: "skipped",
      })
      for (const { host } of wholeFleet) {
        expect(fleet.release(host)).toBe(outcomes[host] === "changed" ? "new" : "old")
        expect(fleet.stages(host)).toEqual([])
      }
    },
  )

  it.each(["activate", "confirm"])(
    "names who reverts by itself when it is left at the step %s",
    async (at) => {
      const abort = new AbortController()
      const fleet = fakeFleet({
        [`${at} lb2`]: async () => {
          abort.abort()
          throw new Failure("unreachable", "closed")
        },
      })
      const { report, outcomes } = await run(wholeFleet, fleet, { abort: abort.signal })
      expect(report.exitCode).toBe(130)
      expect(outcomes).toMatchObject({ rs1: "changed", lb2: "unreachable", lb1: "skipped" })
      expect(report.notices[0]?.message).toMatch(/left in flight: lb2 reverts/)
      expect(fleet.log).not.toContain("revert lb2")
    },
  )

  it("leaves at once after the second interrupt, and removes what was only staged", async () => {
    const abort = new AbortController()
    const fleet = fakeFleet({
      "activate lb2": async () => {
        abort.abort()
        throw new Failure("unreachable", "closed")
      },
    })
    const { report, outcomes } = await run([turn("lb2", "backup"), turn("lb1", "master")], fleet, {
      abort: abort.signal,
    })
    expect(outcomes).toEqual({ lb2: "unreachable", lb1: "skipped" })
    expect(report.exitCode).toBe(130)
    expect(fleet.stages("lb1")).toEqual([])
    expect(fleet.log).not.toContain("revert lb2")
    expect(report.notices[0]?.message).toMatch(
      /^left in flight: lb2 reverts by itself within \d+s$/,
    )
  })

  it("reports hosts that the plan could not reach or had nothing to do for", async () => {
    const plan: Plan = {
      hosts: [turn("rs1", "gain")],
      unchanged: ["rs5"],
      unreachable: [{ host: "rs6", message: "does not answer" }],
      blocked: [],
      guards: [],
      warnings: [],
    }
    const { report, outcomes } = await run(plan.hosts, fakeFleet(), {}, { plan })
    expect(outcomes).toEqual({ rs1: "changed", rs5: "unchanged", rs6: "unreachable" })
    expect(report.exitCode).toBe(4)
  })

  describe("with a limit of failures", () => {
    const some = [
      turn("rs1", "gain"),
      turn("rs2", "gain"),
      turn("rs3", "gain"),
      turn("rs4", "gain"),
      turn("lb2", "backup", { dependsOn: ["rs3"] }),
      turn("lb1", "master", { dependsOn: ["lb2"] }),
      turn("rs9", "lose", { dependsOn: ["lb1", "lb2"] }),
    ]
    const limited = (faults: Record<string, Fault>, choice: RolloutChoice) => {
      const fleet = fakeFleet(faults)
      return run(some, fleet, {}, {}, choice).then((ended) => ({ ...ended, fleet }))
    }

    it("goes on without a host that failed within it, and ends with that host's code", async () => {
      const { report, outcomes } = await limited(
        { "activate rs1": "reverted" },
        { maxFail: { percent: 25 } },
      )
      expect(outcomes).toMatchObject({ rs1: "reverted", rs2: "changed", lb1: "changed" })
      expect(outcomes).toMatchObject({ rs9: "changed" })
      expect(report.exitCode).toBe(7)
    })

    it("stops when more fail, with the code of a part-way stop", async () => {
      const { report, outcomes } = await limited(
        { "activate rs1": "reverted", "activate rs2": "failed" },
        { maxFail: { hosts: 1 }, serial: [{ hosts: 1 }] },
      )
      expect(outcomes).toMatchObject({ rs3: "skipped", rs4: "skipped", lb1: "skipped" })
      expect(report.exitCode).toBe(7)
      const later = await limited(
        { "activate rs2": "failed", "activate rs3": "unreachable", "revert rs3": "unreachable" },
        { maxFail: { hosts: 1 }, serial: [{ hosts: 1 }] },
      )
      expect(later.outcomes).toMatchObject({ rs1: "changed", rs3: "unreachable", rs4: "skipped" })
      expect(later.report.exitCode).toBe(8)
    })

    it("holds back who would do harm after the failure, and says for whom", async () => {
      const { report, outcomes, fleet } = await limited(
        { "activate rs3": "reverted" },
        { maxFail: { hosts: 3 } },
      )
      expect(outcomes).toMatchObject({
        rs1: "changed",
        rs3: "reverted",
        lb2: "skipped",
        lb1: "skipped",
        rs9: "skipped",
      })
      const details = Object.fromEntries(report.hosts.map((item) => [item.host, item.detail]))
      expect(details).toMatchObject({
        lb2: "held back, since rs3 is not through",
        lb1: "held back, since lb2 is not through",
      })
      expect(report.exitCode).toBe(8)
      for (const host of ["lb2", "lb1", "rs9"]) expect(fleet.stages(host)).toEqual([])
    })

    it("counts hosts that refuse their stage, and changes nothing when they are too many", async () => {
      const faults: Record<string, Fault> = { "stage rs1": "failed" }
      const within = await limited(faults, { maxFail: { hosts: 1 } })
      expect(within.outcomes).toMatchObject({ rs1: "failed", rs2: "changed", rs9: "changed" })
      expect(within.report.exitCode).toBe(1)
      const over = await limited({ ...faults, "stage rs9": "failed" }, { maxFail: { hosts: 1 } })
      expect(order(over.fleet, "activate")).toEqual([])
      expect(over.report.exitCode).toBe(1)
    })

    it("really stops: nobody begins once the limit is passed, for any faults and limits", async () => {
      const share = fc.oneof(fc.record({ hosts: fc.nat(4) }), fc.record({ percent: fc.nat(100) }))
      const size = fc.record({ hosts: fc.integer({ min: 1, max: 4 }) })
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
          share,
          fc.array(size, { minLength: 1, maxLength: 3 }),
          async (bad, maxFail, serial) => {
            const hosts = Array.from({ length: 12 }, (_, index) => turn(`rs${index + 1}`, "gain"))
            const faults = bad.map((n): [string, Fault] => [`activate rs${n}`, "reverted"])
            const fleet = fakeFleet(Object.fromEntries(faults))
            const choice = { maxFail, serial }
            const { outcomes } = await run(hosts, fleet, { parallel: 1 }, {}, choice)
            const waves = wavesOf(hosts, { clusters: new Map(), choice })
            const begun = order(fleet, "activate")
            begun.forEach((host, index) => {
              const failed = begun
                .slice(0, index)
                .filter((name) => outcomes[name] === "reverted")
                .map((name) => ({ host: name, phase: "gain" as const }))
              expect(whyStop(waves, failed, []), `before ${host}`).toBeUndefined()
            })
            const all = begun.filter((name) => outcomes[name] === "reverted")
            const stopped = whyStop(
              waves,
              all.map((host) => ({ host, phase: "gain" as const })),
              [],
            )
            if (stopped === undefined) expect(begun).toHaveLength(hosts.length)
          },
        ),
        { numRuns: 60 },
      )
    })

    it("leaves the later step of a host whose earlier one failed", async () => {
      const fleet = fakeFleet({ "activate rs1": "reverted" })
      const { outcomes } = await run(
        [turn("rs1", "gain"), turn("rs2", "gain"), turn("rs1", "lose")],
        fleet,
        {},
        {},
        { maxFail: { hosts: 1 } },
      )
      expect(outcomes).toEqual({ rs1: "reverted", rs2: "changed" })
      expect(order(fleet, "activate").sort()).toEqual(["rs1", "rs2"])
      expect(fleet.stages("rs1")).not.toContain("t3")
    })

    it("counts who could not be reached before, and holds back whom that endangers", async () => {
      const plan: Plan = {
        hosts: some.filter(({ host }) => host !== "lb2"),
        unchanged: [],
        unreachable: [{ host: "lb2", message: "does not answer" }],
        blocked: [],
        guards: [],
        warnings: [],
      }
      const { outcomes, report } = await run(
        plan.hosts,
        fakeFleet(),
        {},
        { plan },
        { maxFail: { hosts: 1 } },
      )
      expect(outcomes).toMatchObject({ rs1: "changed", lb1: "skipped", rs9: "skipped" })
      expect(report.exitCode).toBe(8)
    })
  })

  it("changes nothing on a master that could not hand over, and leaves no stage there", async () => {
    const observed = { ...observedHost("lb1"), agent: masterOf("demo") }
    const fleet = fakeFleet({}, { "lb1 failover": { code: 1, stdout: "still MASTER" } })
    const node = (host: string) =>
      host === "lb1" ? { ...fleet.node(host), observe: async () => observed } : fleet.node(host)
    const heir = { ...observedHost("lb2", "new"), agent: masterOf("demo", "BACKUP") }
    const both = (host: string) =>
      host === "lb2" ? { ...node(host), observe: async () => heir } : node(host)
    const { outcomes } = await run(
      [turn("lb1", "master")],
      fleet,
      {},
      { node: both, handovers: new Map([["lb1", [vrrp()]]]) },
    )
    expect(outcomes).toEqual({ lb1: "failed" })
    expect(order(fleet, "activate")).toEqual([])
    expect(fleet.stages("lb1")).toEqual([])
  })

  describe("with hooks around each host", () => {
    const some = [turn("rs1", "gain"), turn("rs2", "gain"), turn("lb2", "backup")]

    it("runs them before anything live is touched, and after each end", async () => {
      const calls: string[] = []
      const fleet = fakeFleet()
      const { report } = await run(
        some,
        fleet,
        {},
        {
          hooks: {
            before: async ({ host }) => {
              calls.push(`before ${host} ${fleet.release(host)}`)
            },
            after: async ({ host }, { outcome }) => {
              calls.push(`after ${host} ${outcome}`)
            },
          },
        },
      )
      expect(report.exitCode).toBe(0)
      for (const host of ["rs1", "rs2", "lb2"])
        expect(calls.filter((call) => call.includes(host))).toEqual([
          `before ${host} old`,
          `after ${host} changed`,
        ])
    })

    it("counts a host as failed that its hook refuses, and touches nothing on it", async () => {
      const ends: string[] = []
      const fleet = fakeFleet()
      const { report, outcomes } = await run(
        some,
        fleet,
        { parallel: 1 },
        {
          hooks: {
            before: async () => {
              throw new Failure("failed", "the hook before-host ended with 1")
            },
            after: async ({ host }, { outcome }) => {
              ends.push(`${host} ${outcome}`)
            },
          },
        },
      )
      expect(outcomes).toEqual({ rs1: "failed", rs2: "skipped", lb2: "skipped" })
      expect(order(fleet, "activate")).toEqual([])
      expect(ends).toEqual(["rs1 failed"])
      expect(report.exitCode).toBe(1)
      for (const { host } of some) expect(fleet.stages(host)).toEqual([])
    })

    it("takes a failure afterwards for a warning", async () => {
      const { report } = await run(
        [turn("rs1", "gain")],
        fakeFleet(),
        {},
        {
          hooks: {
            after: async () => {
              throw new Failure("failed", "the hook after-host ended with 1")
            },
          },
        },
      )
      expect(report.exitCode).toBe(0)
      expect(report.notices).toMatchObject([{ host: "rs1" }])
    })

    it("ends the one that runs at the first interrupt, and leaves its host as it was", async () => {
      const stop = new AbortController()
      const fleet = fakeFleet()
      const before: NonNullable<RolloutInput["hooks"]["before"]> = async (_, _tell, signal) => {
        stop.abort()
        if (signal.aborted) throw new Failure("interrupted", "the hook was ended")
      }
      const { report, outcomes } = await run(
        [turn("rs1", "gain")],
        fleet,
        { stop: stop.signal },
        { hooks: { before } },
      )
      expect(outcomes).toEqual({ rs1: "skipped" })
      expect(order(fleet, "activate")).toEqual([])
      expect(report.exitCode).toBe(130)
    })
  })

  describe("with a canary", () => {
    const some = [turn("rs1", "gain"), turn("rs2", "gain"), turn("lb2", "backup")]
    const canary = { canary: ["rs2"], soakMs: 0 }
    const short = { canary: ["rs2"], soakMs: 60_000 }

    it("confirms it only once nothing speaks against it, and then goes on", async () => {
      const fleet = fakeFleet()
      const doubts = async () => {
        expect(fleet.release("rs2")).toBe("new?")
        expect(fleet.release("rs1")).toBe("old")
        return []
      }
      const { report, events } = await run(some, fleet, {}, { doubts }, canary)
      expect(report.exitCode).toBe(0)
      expect(order(fleet, "confirm")).toEqual(["rs2", "rs1", "lb2"])
      expect(events.filter(({ type }) => type === "phase")[0]).toMatchObject({
        hosts: ["rs2"],
        canary: true,
      })
    })

    it("gives the node the time to watch it before it reverts by itself", async () => {
      const seconds: number[] = []
      const fleet = fakeFleet()
      const node = (host: string) => {
        const real = fleet.node(host)
        const activate: typeof real.activate = (transaction, options) => {
          seconds.push(options.seconds)
          return real.activate(transaction, options)
        }
        return { ...real, activate }
      }
      const stop = new AbortController()
      const doubts = async () => {
        stop.abort()
        return []
      }
      await run(
        [turn("rs2", "gain")],
        fleet,
        { confirmSeconds: 30, stop: stop.signal },
        { node, doubts },
        short,
      )
      expect(seconds[0]).toBeGreaterThanOrEqual(60 + 30)
    })

    it("takes it back and stops when something does, whatever the limit", async () => {
      const fleet = fakeFleet()
      const { report, outcomes } = await run(
        some,
        fleet,
        {},
        { doubts: async () => ["lb1 finds rs2 down"] },
        { ...canary, maxFail: { percent: 100 } },
      )
      expect(outcomes).toEqual({ rs2: "reverted", rs1: "skipped", lb2: "skipped" })
      expect(fleet.release("rs2")).toBe("old")
      expect(report.exitCode).toBe(7)
      const own = report.hosts.find(({ host }) => host === "rs2")
      expect(own?.detail).toContain("lb1 finds rs2 down")
      expect(report.notices[0]?.message).toBe("no further host was begun: the canary rs2 failed")
    })

    it("takes it back at the first interrupt", async () => {
      const stop = new AbortController()
      const doubts = async () => {
        stop.abort()
        return []
      }
      const fleet = fakeFleet()
      const { report, outcomes } = await run(some, fleet, { stop: stop.signal }, { doubts }, short)
      expect(outcomes).toEqual({ rs2: "reverted", rs1: "skipped", lb2: "skipped" })
      expect(fleet.release("rs2")).toBe("old")
      expect(report.exitCode).toBe(130)
    })

    it("leaves it to its revert timer at the second", async () => {
      const abort = new AbortController()
      const doubts = async () => {
        abort.abort()
        return []
      }
      const fleet = fakeFleet()
      const { report, outcomes } = await run(
        some,
        fleet,
        { abort: abort.signal },
        { doubts },
        short,
      )
      expect(outcomes).toMatchObject({ rs2: "unreachable" })
      expect(fleet.log).not.toContain("revert rs2")
      expect(report.exitCode).toBe(130)
    })
  })

  it("keeps its order for any plan and any faults", async () => {
    const host = fc.record({
      name: fc.integer({ min: 1, max: 30 }),
      phase: fc.constantFrom(...phases),
      cluster: fc.constantFrom("c1", "c2", "c3"),
    })
    const fault = fc.constantFrom<Fault>("failed", "reverted", "locked", "stale")
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(host, { selector: (item) => item.name, maxLength: 12 }),
        fc.dictionary(
          fc
            .tuple(
              fc.constantFrom("stage", "activate", "confirm", "observe"),
              fc.integer({ min: 1, max: 30 }),
            )
            .map(([step, n]) => `${step} h${n}`),
          fault,
          { maxKeys: 2 },
        ),
        fc.integer({ min: 1, max: 4 }),
        async (hosts, faults, parallel) => {
          const turns = phases.flatMap((phase) =>
            hosts
              .filter((item) => item.phase === phase)
              .map((item) =>
                turn(`h${item.name}`, phase, { cluster: item.cluster, ...peersOf(item, hosts) }),
              ),
          )
          const fleet = fakeFleet(faults)
          const { outcomes } = await run(turns, fleet, { parallel })
          const phaseOf = new Map(turns.map((item) => [item.host, phases.indexOf(item.phase)]))
          const clusterOf = new Map(turns.map((item) => [item.host, item.cluster]))
          const activated = order(fleet, "activate")
          // Phases never overlap, and none begins after a failure in the one before.
          const ranks = activated.map((name) => phaseOf.get(name) ?? -1)
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
          // A director is confirmed, or has failed, before the next of its cluster begins.
          for (const phase of ["backup", "master"] as const) {
            const rank = phases.indexOf(phase)
            const lines = fleet.log.filter((line) => phaseOf.get(line.split(" ")[1] ?? "") === rank)
            const open = new Map<string, string>()
            for (const line of lines) {
              const [step = "", name = ""] = line.split(" ")
              const lane = phase === "master" ? "all" : (clusterOf.get(name) ?? "")
              if (step === "activate") {
                const before = open.get(lane)
                if (before !== undefined) expect(outcomes[before]).toBe("changed")
                open.set(lane, name)
              }
            }
          }
          // No real server loses its VIPs before all directors were asked whether they have drained it.
          const losing = turns
            .filter((item) => item.phase === "lose")
            .map((item) => `activate ${item.host}`)
          fleet.log
            .filter((line) => losing.includes(line))
            .forEach((line, index) => {
              const before = fleet.log.slice(0, fleet.log.indexOf(line))
              for (const director of ["lb1", "lb2"]) {
                const asked = before.filter((item) => item === `drained ${director}`)
                expect(asked.length).toBeGreaterThan(index)
              }
            })
          // Nobody is left between two releases, and nothing is left staged.
          for (const item of turns) {
            expect(fleet.release(item.host)).not.toBe("new?")
            if (outcomes[item.host] === "skipped") expect(fleet.release(item.host)).toBe("old")
            if (outcomes[item.host] === "changed") expect(fleet.release(item.host)).toBe("new")
          }
          // No master begins before all backups, no real server loses before all directors, are through.
          const failedRank = Math.min(
            ...turns
              .filter((item) => !["changed", "skipped"].includes(outcomes[item.host] ?? ""))
              .map((item) => phases.indexOf(item.phase)),
          )
          for (const name of activated) expect(phaseOf.get(name)).toBeLessThanOrEqual(failedRank)
        },
      ),
      { numRuns: 200 },
    )
  })
})

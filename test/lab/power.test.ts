import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { holding, settlesAt } from "./holding.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"
import { beginsAt, expectClean, moments, openOn, type StateName, TwoStates } from "./two-states.ts"

/** Failed and reverted, unreachable, part-way: what is true of an apply in which a node was lost. */
const lostNode = [4, 7, 8]
/** It confirmed with its last breath, and lbctl heard of it too late to look whether all is as it should be. */
const lateWord = 1

describe.skipIf(skipWithoutLab())("a node that is lost in the middle of an apply", () => {
  let lab: Lab
  let fleet: TwoStates
  let lb1: LabNode
  let rs1: LabNode
  let now: StateName = "one"

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    fleet = new TwoStates(lab)
    lb1 = lab.node("lb1")
    rs1 = lab.node("rs1")
  })
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) > 0 && fleet.learned) await finish(now)
  })
  afterAll(async () => {
    fleet?.inventory.remove()
    await lab?.down()
  })

  /** Starts an apply of the other state and does `harm` `delay` ms after the node begins to change; returns the exit code. */
  async function harmed(node: LabNode, delay: number, harm: () => Promise<unknown>) {
    const target = now === "one" ? "two" : "one"
    fleet.define(target)
    let done: Promise<unknown> | undefined
    const run = fleet.start(
      (line) => {
        if (beginsAt(line, node.name)) done ??= sleep(delay).then(harm)
      },
      "--confirm-timeout",
      "5s",
    )
    const code = await run.ended
    expect(done, run.said()).toBeDefined()
    await done
    return { target, code, said: run.said() } as const
  }

  /** The next apply brings all nodes to the state. */
  async function finish(target: StateName): Promise<void> {
    await fleet.reach(target)
    now = target
    await fleet.expectAll(target)
  }

  it("is as before lbctl after a power loss in a director's first activation", async () => {
    await lb1.must("modprobe ip_vs") // may be loaded after the boot or not, which is no harm
    const before = await holding(lb1)
    expect(before).not.toContain("/etc/systemd/system/lbctl")
    let begun = false
    const run = fleet.start((line) => (begun ||= beginsAt(line, "lb1")))
    await until("lb1 changes", { timeout: 120_000 }, () => begun)
    await until(
      "keepalived runs",
      { timeout: 60_000 },
      async () => (await lb1.run("systemctl is-active keepalived")).code === 0,
    )
    run.kill("SIGKILL")
    await lose(lb1)
    await lb1.must("modprobe ip_vs")
    await settlesAt(lb1, { before })
    await expectClean(lb1)
    expect(await lb1.must("ls -A /var/lib/lbctl")).toBe("history.jsonl\nlast\n")
  })

  it("reaches both states undisturbed, for comparison", async () => {
    await fleet.learn([lb1, rs1])
  })

  it.each(["rs1", "lb1"])(
    "is on the old release or the new after a power loss of %s",
    async (name) => {
      const node = lab.node(name)
      for (let moment = 0; moment < moments; moment += 2) {
        const delay = Math.round((moment * 2200) / moments)
        const { target, code, said } = await harmed(node, delay, () => lose(node))
        const state = await fleet.expectEither(node)
        expect([0, lateWord, ...lostNode], `${delay} ms, ${state}: ${said}`).toContain(code)
        if (code === 7) expect(state).toBe(now)
        if (code === lateWord) expect(state, said).toBe(target)
        await finish(target)
      }
    },
  )

  it("reverts by itself after it hung", async () => {
    const { target, code, said } = await harmed(rs1, 200, async () => {
      rs1.hang()
      await sleep(8000)
      rs1.thaw()
    })
    expect([0, lateWord, ...lostNode], said).toContain(code)
    expect(await fleet.expectEither(rs1), said).toBe(code === 0 || code === lateWord ? target : now)
    await finish(target)
  })

  it("reverts by itself when its connection to the controller is cut, and lbctl does not wait for ever", async () => {
    const { target, code, said } = await harmed(lb1, 300, () => lab.cut("lb1", "controller"))
    await lab.heal()
    expect(lostNode, said).toContain(code)
    expect(await fleet.expectEither(lb1)).toBe(now)
    expect(await openOn([lb1, rs1])).toEqual([])
    await finish(target)
  })
})

/** Power loss, and power again. */
async function lose(node: LabNode): Promise<void> {
  await node.powerLoss()
  await node.boot()
}

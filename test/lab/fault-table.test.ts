import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { faults } from "./fault-cells.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { Steps } from "./steps.ts"

describe.skipIf(skipWithoutLab())("a node that is held in a step of an apply", () => {
  let lab: Lab
  let steps: Steps
  let sound = true

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["rs1"] })
    steps = new Steps(lab)
    await steps.learn()
  })
  beforeEach(async () => {
    if (!sound) await steps.recover()
    sound = false
  })
  afterAll(async () => {
    steps?.remove()
    await lab?.down()
  })

  const cells = faults.flatMap((fault) => fault.steps.map((step) => ({ ...fault, step })))

  it.each(cells)("is on the old release or the new when $name: $step", async (cell) => {
    const run = await steps.startUntil(cell.step, cell.lasts)
    await cell.harm({ run, steps, lab })
    const code = await run.ended
    expect(cell.codes, run.said()).toContain(code)
    const later = code === undefined || (cell.step === "revert" && cell.waits === true)
    if (!later) await steps.endsOnOne()
    await steps.finish()
    sound = true
  })
})
